"""Writes a figure: SVG, PDF or PNG by the name of the file, the same bytes whenever the results are the same."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from timeline.errors import StudyError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "pdf", "png")
RESOLUTION = 300
"""Of PNG, in dots per inch."""


def file_format(path: Path) -> str:
    """The format that the name of a file asks for. Raises StudyError for any but FORMATS."""
    found = path.suffix.lower().removeprefix(".")
    if found not in FORMATS:
        raise StudyError(
            f"{path}: the name of a figure's file ends in .svg, .pdf or .png, and so says its format.",
            hint="SVG for the web and for editing, PDF for print, PNG for slides.",
        )
    return found


def write(figure: Figure, path: Path, title: str, source: str) -> None:
    """Write a figure with its title, and what it was computed from, in the file's metadata.

    No date, no random number and no font of the machine goes into it. Raises StudyError where it cannot be written.
    """
    kind = file_format(path)
    try:
        _save(figure, path, kind, title, source)
    except OSError as error:
        raise StudyError(f"{path}: the figure cannot be written: {error.strerror}.") from None


def svg(figure: Figure, title: str, source: str) -> str:
    """The figure as an element of SVG, to stand in a page."""
    drawn = BytesIO()
    _save(figure, drawn, "svg", title, source)
    text = drawn.getvalue().decode("utf-8")
    return text[text.index("<svg") :]


def _save(figure: Figure, file: Path | BytesIO, kind: str, title: str, source: str) -> None:
    from matplotlib import rc_context

    from timeline.report.figures.style import SETTINGS

    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Title": title, "Description": source, "Date": None, "Creator": "catamnesis"},
        "pdf": {"Title": title, "Subject": source, "CreationDate": None, "Creator": "catamnesis", "Producer": None},
        "png": {"Title": title, "Description": source, "Software": None},
    }
    with rc_context(SETTINGS):
        figure.savefig(file, format=kind, dpi=RESOLUTION, metadata=metadata[kind])
