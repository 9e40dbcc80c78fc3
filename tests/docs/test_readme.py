"""The report that the README opens with is what the program prints."""

from pathlib import Path

from tests.cli.conftest import M1_EVENTS, ROOT, call


def words(line: str) -> str:
    """A line without its layout, which differs with the width of a terminal."""
    return " ".join(line.split())


def test_every_line_that_the_readme_shows_of_the_report_is_printed(tmp_path: Path) -> None:
    store = tmp_path / "m1"
    call("create", store)
    call("import", store, M1_EVENTS)
    printed = {words(line).rstrip(" ─") for line in call("run", "queries/m1.tql", "--store", store).stdout.splitlines()}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.split("runs\n[`queries/m1.tql`]")[1].split("```")[1]
    lines = [words(line) for line in shown.splitlines() if line.strip() not in ("", "...")]
    assert len(lines) > 15
    assert [line for line in lines if line not in printed] == []
