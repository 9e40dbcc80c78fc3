"""What the documents show of the prompt is what it prints; their Python runs, and so does the notebook."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from lifelines import KaplanMeierFitter
from nbclient import NotebookClient

from tests.cli.conftest import M1_EVENTS, ROOT, call
from tests.docs.test_examples import examples

PROMPT = re.compile(r"^(timeline> |     \.\.\.> ?)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store that the documents are about."""
    found = tmp_path_factory.mktemp("documents")
    for name in ("fixtures", "queries"):
        (found / name).symlink_to(ROOT / name)
    assert call("create", found / "trial").returncode == 0
    assert call("import", found / "trial", M1_EVENTS).returncode == 0
    return found


def words(line: str) -> str:
    return " ".join(line.split())


def test_the_prompt_answers_as_its_document_shows(folder: Path) -> None:
    lines = [line for _, text in examples("repl") for line in text.splitlines()]
    typed = [PROMPT.sub("", line) for line in lines if PROMPT.match(line)]
    expected = [words(line) for line in lines if not PROMPT.match(line)]
    done = call("repl", folder / "trial", "queries/m1.tql", cwd=folder, stdin="\n".join(typed) + "\n")
    printed = {words(line) for line in (done.stdout + done.stderr).splitlines()}
    assert len(expected) >= 15
    assert [line for line in expected if line not in printed] == []


def test_the_python_of_the_documents_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    for place, text in (item for item in examples("python") if item[0].startswith("docs/python.md")):
        exec(compile(text, place, "exec"), names)
    assert (folder / "os.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert call("check", folder / "mine.tql", cwd=folder).returncode == 0


def test_what_is_exported_is_read_as_its_document_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert call("export", "queries/m1.tql", "os", "--store", "trial", "-o", "os.parquet", cwd=folder).returncode == 0
    ((place, text),) = [item for item in examples("python") if item[0].startswith("docs/export.md")]
    names: dict[str, object] = {}
    exec(compile(text, place, "exec"), names)
    curve = names["curve"]
    assert isinstance(curve, KaplanMeierFitter)
    assert curve.median_survival_time_ == 1385  # as the prompt says: median(os in enrolled)


def test_the_tutorial_notebook_runs(tmp_path: Path) -> None:
    book = nbformat.read(ROOT / "docs" / "tutorial.ipynb", as_version=4)
    for name in ("fixtures", "queries"):
        (tmp_path / name).symlink_to(ROOT / name)
    os.environ["PYTHONPATH"] = str(ROOT)
    NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("<svg" in output.get("data", {}).get("text/html", "") for output in shown)
    assert any("did you mean" in " ".join(output.get("traceback", [])) for output in shown)
