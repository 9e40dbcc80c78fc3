"""The same results give the same bytes; colours and lines stay apart; matplotlib is loaded for figures alone."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.figures.support import NAMES, comparison
from timeline.errors import StudyError
from timeline.report.figures import survival
from timeline.report.figures.files import FORMATS, file_format, write
from timeline.report.figures.sheet import Page
from timeline.report.figures.style import FILLS, LOOKS

ROOT = Path(__file__).resolve().parents[2]
DRAW = """
import sys
from pathlib import Path
from tests.figures.support import NAMES, comparison, incidence, states, swimmer
from timeline.report.figures import forest, incidence as i, states as s, survival as k, swimmer as w
from timeline.report.figures.files import write
from timeline.report.figures.sheet import Page
kind, folder = sys.argv[1:]
page = Page("A title", ("a note",))
drawn = [k.draw(comparison(3, 60, NAMES["long"]), page), i.draw(incidence(2, 60, NAMES["short"]), page)]
drawn += [s.draw(states(("alive", "dead")), page), w.draw(swimmer(30, ("a", "b"), True), page)]
drawn += [forest.draw(comparison(3, 60, NAMES["short"]), page)]
for number, figure in enumerate(drawn):
    write(figure, Path(folder) / f"{number}.{kind}", "A title", "a source")
"""


@pytest.mark.parametrize("kind", FORMATS)
def test_another_process_writes_the_same_bytes(kind: str, tmp_path: Path) -> None:
    folders = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"}
        subprocess.run([sys.executable, "-c", DRAW, kind, str(folder)], env=environment, cwd=folder, check=True)
        folders.append(folder)
    files = sorted(path.name for path in folders[0].iterdir())
    assert len(files) == 5
    for name in files:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_a_file_holds_its_title_and_its_source_and_no_date(tmp_path: Path) -> None:
    figure = survival.draw(comparison(2, 40, NAMES["short"]), Page())
    for kind in FORMATS:
        write(figure, tmp_path / f"figure.{kind}", "Survival of all", "position 12")
    svg = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert "<title>Survival of all</title>" in svg
    assert "position 12" in svg
    assert "<dc:date>" not in svg
    assert "<text" not in svg  # outlines, which need no font where they are read
    pdf = (tmp_path / "figure.pdf").read_bytes()
    assert b"CreationDate" not in pdf
    assert b"/FontFile2" in pdf  # TrueType, embedded
    assert b"Survival of all" in (tmp_path / "figure.png").read_bytes()


def test_the_ending_of_a_name_is_the_format_and_another_one_is_refused() -> None:
    assert file_format(Path("a.b/FIGURE.SVG")) == "svg"
    for wrong in ("figure", "figure.jpeg", "svg"):
        with pytest.raises(StudyError, match=r"\.svg, \.pdf or \.png"):
            file_format(Path(wrong))


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    figure = survival.draw(comparison(2, 40, NAMES["short"]), Page())
    with pytest.raises(StudyError, match="cannot be written: No such file or directory"):
        write(figure, tmp_path / "missing" / "figure.svg", "", "")


# --- colours


def linear(colour: str) -> np.ndarray:
    """Linear RGB of a colour: IEC 61966-2-1."""
    shares = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ rgb / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Machado, Oliveira and Fernandes (2009), IEEE Trans. Vis. Comput. Graph. 15:1291-1298, severity 1.0
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


COLOURS = {"lines": [look.colour for look in LOOKS], "areas": FILLS}


@pytest.mark.parametrize("use", COLOURS)
def test_any_two_colours_differ_in_grey(use: str) -> None:
    lightness = sorted(float(lab(linear(colour))[0]) for colour in COLOURS[use])
    assert min(after - before for before, after in itertools.pairwise(lightness)) > 9


@pytest.mark.parametrize("use", COLOURS)
@pytest.mark.parametrize("kind", BLINDNESS)
def test_any_two_colours_differ_to_the_colour_blind(kind: str, use: str) -> None:
    seen = [lab(np.clip(np.array(BLINDNESS[kind]) @ linear(colour), 0, 1)) for colour in COLOURS[use]]
    assert min(float(np.linalg.norm(one - other)) for one, other in itertools.combinations(seen, 2)) > 15


def test_every_line_stands_out_from_paper() -> None:
    for look in LOOKS:
        luminance = float(linear(look.colour) @ [0.2126, 0.7152, 0.0722])
        assert 1.05 / (luminance + 0.05) > 1.9  # the contrast ratio of WCAG 2


def test_groups_differ_in_their_lines_and_marks_too() -> None:
    assert len({look.dashes for look in LOOKS}) == len({look.marker for look in LOOKS}) == len(LOOKS)


def test_running_a_study_and_naming_figures_load_no_matplotlib() -> None:
    program = (
        "import sys\n"
        "import timeline.report.terminal, timeline.report.figures.names, timeline.report.figures.drawing\n"
        "from timeline.cli import main\n"
        "main(['figure', 'queries/m1.tql'])\n"
        "print('matplotlib' in sys.modules, 'duckdb' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"
