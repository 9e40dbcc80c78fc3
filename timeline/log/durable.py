"""Files that survive a crash and a power cut, one writer at a time, and the system's errors in plain words.

The order that makes an acknowledgement true: the bytes of a file are flushed before its name appears, and the folder
that holds the name is flushed before anyone is told. What goes into the files is left to the callers.
"""

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deltalake.exceptions import DeltaError

from timeline.errors import StoreError
from timeline.log import layout

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock; races are then settled by the retry alone
    fcntl = None  # type: ignore[assignment]

_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")


def sync_file(path: Path) -> None:
    """Returns once the bytes of the file are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Returns once the names in the folder are on the disk."""
    if os.name == "posix":
        sync_file(path)


def replace_file(path: Path, content: bytes) -> None:
    """Other processes see the old content or the new one, never a part; a power cut may leave either, or none."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def write_lock(root: Path) -> Iterator[None]:
    """Lets the writers of one machine queue up instead of racing; the system frees it when its holder dies.

    It spares work and is not needed for correctness: the loser of a race fails in the commit and tries again.
    """
    if fcntl is None:  # pragma: no cover
        yield
        return
    with layout.lock_file(root).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Says whether nobody else holds the lock of this file, and holds it if so."""
    if fcntl is None:  # pragma: no cover
        yield True
        return
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def plain_errors(root: Path, doing: str) -> Iterator[None]:
    """Turns what the system says while `doing` something with the store into a `StoreError`."""
    try:
        yield
    except StoreError:
        raise
    except (OSError, DeltaError) as error:
        raise _in_words(error, root, doing) from error


def _in_words(error: Exception, root: Path, doing: str) -> StoreError:
    code = error.errno if isinstance(error, OSError) else None
    if code is None and (match := _SYSTEM_ERROR.search(str(error))):
        code = int(match[1])
    match code:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return StoreError(
                f"{root}: the disk is full, so {doing} was given up; the log is as it was before.",
                hint="Free some space and try again.",
            )
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return StoreError(
                f"{root}: the store cannot be written by this user, so {doing} was given up.",
                hint="Ask for permission to write in the folder, or copy the store to a place that you can write to.",
            )
        case errno.ENOENT:
            return StoreError(f"{root}: a file of the store is missing while {doing}: {error}")
        case _:
            return StoreError(f"{root}: {doing} failed: {error}")


def remove(path: Path) -> None:
    """Deletes a file that may be gone already."""
    with suppress(FileNotFoundError):
        path.unlink()
