"""Files that appear whole or not at all.

Everything is written into a folder beside the target under a name of its own, flushed, and renamed in the end. What an
export that was killed left behind is removed by the next one to the same place.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from timeline.errors import ExportError
from timeline.log.durable import sync_file, sync_folder

_NUMBER = re.compile(r"\[?[Ee]rrno (\d+)\]?")


def require_free(path: Path, force: bool) -> None:
    """Raises ExportError where nothing can or should be written under a name."""
    if path.is_dir():
        raise ExportError(f"{path} is a folder.", hint=f"Name a file, such as {path / 'os.parquet'}.")
    if path.exists() and not path.is_file():
        raise ExportError(f"{path} is no ordinary file, so it is left alone.", hint="Name a file that does not exist.")
    if path.exists() and not force:
        raise ExportError(f"{path} exists already.", hint="Name another file, or replace it with --force.")


def require_folder(path: Path, names: Sequence[str], force: bool) -> None:
    """Raises ExportError where files of some names cannot or should not be written into a folder."""
    if path.exists() and not path.is_dir():
        raise ExportError(f"{path} is a file, and several files need a folder.", hint="Name a folder.")
    taken = [name for name in names if (path / name).exists()]
    if taken and not force:
        more = f" and {len(taken) - 1} more" if taken[1:] else ""
        raise ExportError(f"{path / taken[0]}{more} exists already.", hint="Name a new folder, or use --force.")


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """An empty folder beside the target; it is gone in the end, whatever happens."""
    with plain_errors(target):
        target = target.absolute()
        if not target.parent.is_dir():
            raise ExportError(f"{target.parent} does not exist, or is no folder.", hint="Make the folder first.")
        _remove_leftovers(target)
        stage = target.with_name(f".{target.name}.partial-{os.getpid()}")
        try:
            stage.mkdir()
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def publish(stage: Path, target: Path, names: Sequence[str]) -> None:
    """Gives the files of a staging folder their place beside it, the last one last; each replaces what was there."""
    for name in names:
        sync_file(stage / name)
    for name in names:
        (stage / name).replace(target / name)
    sync_folder(target)


def publish_folder(stage: Path, target: Path, stale: Sequence[str]) -> None:
    """Gives a staging folder the target's name where there is none yet; else moves its content into the folder, where
    it replaces what has the same name, and removes the `stale` files."""
    for file in stage.rglob("*"):
        if file.is_file():
            sync_file(file)
    if not target.exists():
        sync_folder(stage)
        stage.rename(target)
        sync_folder(target.absolute().parent)
        return
    for entry in sorted(stage.iterdir()):
        place = target / entry.name
        if place.is_dir():
            shutil.rmtree(place)
        entry.replace(place)
    for name in stale:
        (target / name).unlink(missing_ok=True)
    sync_folder(target)


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turns what the system says while a file is written into an ExportError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ExportError(*_in_words(error, path)) from error


def _in_words(error: OSError, path: Path) -> tuple[str]:
    code = error.errno
    if code is None and (found := _NUMBER.search(str(error))):
        code = int(found[1])
    match code:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return (f"{path}: the disk is full, so the export was given up; nothing of it is left.",)
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return (f"{path} cannot be written by this user, so the export was given up; nothing of it is left.",)
    return (f"{path} cannot be written: {error.strerror or error}",)


def _remove_leftovers(target: Path) -> None:
    """Staging folders of exports to the same target whose process is gone."""
    for left in target.parent.glob(f".{_literal(target.name)}.partial-*"):
        owner = left.name.rpartition("-")[2]
        if owner.isdigit() and not _is_running(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _literal(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def _is_running(process: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
    return True
