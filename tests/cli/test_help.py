"""Every command is documented, and the example that its help ends with runs."""

import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Timeline, call
from timeline.commands import COMMANDS


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_says_what_it_does_and_gives_an_example(command, timeline: Timeline) -> None:  # type: ignore[no-untyped-def]
    shown = timeline(command.name, "--help")
    assert shown.returncode == 0
    assert command.summary in " ".join(shown.stdout.split())
    assert "example:" in shown.stdout


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_example_of_a_command_runs(command, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for folder in ("fixtures", "queries"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    for line in command.example.splitlines():
        program, *arguments = shlex.split(line)
        assert program == "timeline"
        done = call(*arguments, cwd=tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_is_mentioned_in_the_documents(command) -> None:  # type: ignore[no-untyped-def]
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(f"timeline {command.name}" in document.read_text(encoding="utf-8") for document in documents)


def test_help_and_version_load_no_database_and_no_statistics() -> None:
    import subprocess
    import sys

    program = (
        "import sys\n"
        "from timeline.cli import parser\n"
        "parser().format_help()\n"
        "heavy = {'duckdb', 'pandas', 'lifelines', 'matplotlib', 'pyarrow', 'deltalake', 'sqlglot', 'numpy', 'rich'}\n"
        "heavy |= {'lark'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
