"""Every example in the documents runs: queries are checked, commands run in order in a folder of their own."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import dsl
from dsl.source import Source
from timeline.library import Library

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(language: str) -> list[tuple[str, str]]:
    """Each fenced block of a language, with the document and line that it stands on."""
    found = []
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match.group(1) == language:
                line = text.count("\n", 0, match.start()) + 1
                found.append((f"{document.relative_to(ROOT)}:{line}", match.group(2)))
    return found


@pytest.mark.parametrize(("place", "text"), examples("tql"), ids=lambda value: value if ":" in value[:80] else "")
def test_a_query_in_the_documents_has_no_error(place: str, text: str) -> None:
    checked = dsl.check(Source(text, place), load=Library())
    assert [diagnostic.message for diagnostic in checked.errors] == []


def scripts() -> dict[str, list[str]]:
    """The commands of each document, in order."""
    commands: dict[str, list[str]] = {}
    for place, text in examples("sh"):
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        commands.setdefault(place.partition(":")[0], []).extend(lines)
    return commands


@pytest.mark.parametrize("document", scripts())
def test_the_commands_of_a_document_run(document: str, tmp_path: Path) -> None:
    for folder in ("fixtures", "queries"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    for command in scripts()[document]:
        words = shlex.split(command, comments=True)
        program = [sys.executable, "-m", "timeline.cli"] if words[0] == "timeline" else [sys.executable]
        assert words[0] in ("timeline", "python"), command
        done = subprocess.run(
            [*program, *words[1:]],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
