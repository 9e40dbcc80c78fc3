"""Cells in the language, in a notebook's own shell without a notebook."""

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.session.conftest import STUDY, store
from timeline.errors import QueryError
from timeline.study.reply import TextError

__all__ = ["store"]


@pytest.fixture
def shell() -> InteractiveShell:
    made = InteractiveShell()
    made.run_line_magic("load_ext", "timeline")
    return made


def test_cells_share_definitions_and_python_has_them_too(shell: InteractiveShell, store: Path) -> None:
    shell.run_cell_magic("tql", str(store), STUDY)
    shown = shell.run_cell_magic("tql", "", "median(os in operated)")
    assert "200 days" in repr(shown)
    assert "200 days" in shown._repr_html_()
    assert shell.user_ns["study"].value("count(operated)") == 3


def test_a_cell_says_what_it_changes(shell: InteractiveShell, store: Path) -> None:
    shell.run_cell_magic("tql", str(store), STUDY)
    shell.run_cell_magic("tql", "", "median(os in operated)")
    shown = shell.run_cell_magic("tql", "", "endpoint os from (first surgery).start + 10 days until death")
    assert "os changed" in shown._repr_html_()
    assert "190 days" in shown._repr_html_()


def test_a_query_file_can_start_it(shell: InteractiveShell, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "study.tql"
    file.write_text(STUDY, encoding="utf-8")
    shown = shell.run_cell_magic("tql", f"{store} {file}", "operated")
    assert "Operated on: 3 patients" in shown._repr_html_()


def test_an_error_is_its_diagnostics(shell: InteractiveShell, store: Path) -> None:
    with pytest.raises(TextError, match="<cell>:1:7"):
        shell.run_cell_magic("tql", str(store), "count(nobody)")


def test_without_a_store_the_first_cell_says_what_to_write(shell: InteractiveShell) -> None:
    with pytest.raises(QueryError, match="No store is open yet"):
        shell.run_cell_magic("tql", "", "count(x)")
