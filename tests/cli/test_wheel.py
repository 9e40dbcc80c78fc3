"""An installed wheel is whole: it finds the vocabulary and the standard endpoints from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.cli.conftest import ROOT


def test_a_wheel_carries_the_queries_and_finds_them_from_any_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, timeout=300)
    (wheel,) = tmp_path.glob("catamnesis-*.whl")
    installed = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(installed)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "study.tql").write_text(
        "use oncology\nuse endpoints/os\ncohort c index first surgery\nexpect count(c) = 1\n"
    )
    (elsewhere / "events.csv").write_text("patient,event,start,end,site\nP1,surgery,2010-01-01,,liver\n")
    for arguments in (["create", "s"], ["import", "s", "events.csv"], ["run", "study.tql", "--store", "s"]):
        done = subprocess.run(
            [sys.executable, "-m", "timeline.cli", *arguments],
            cwd=elsewhere,
            env={**os.environ, "PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    located = "import timeline; print(timeline.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", located],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(installed)), "the checkout was used, not the wheel"
