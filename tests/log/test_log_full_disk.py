"""A disk without room, and a store that may only be read: a clear error, and a log that is as it was."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from log_support import VOCABULARY, Clock, MakeEvents

from timeline.engine.duckdb import DuckDBEngine
from timeline.errors import StoreError
from timeline.log import Log, commits, verify

MEGABYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes; only a user who may mount one gets it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={2 * MEGABYTE}", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system is not permitted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """What a quota does to this process: writing a file beyond the size fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_leaves_the_log_whole(small_disk: Path, make_events: MakeEvents) -> None:
    log = Log.create(small_disk / "store", VOCABULARY, clock=Clock())
    ballast = small_disk / "ballast"
    recorded, refused = 0, []
    # From no room at all up to room enough, so that the append fails at each of its steps.
    for pages in range(24):
        ballast.unlink(missing_ok=True)
        room = os.statvfs(small_disk)
        with ballast.open("wb") as file:
            file.write(b"\0" * max(0, room.f_bavail * room.f_bsize - pages * 4096))
        try:
            log.append(make_events({"patient": f"p{pages}"}), source="visit")
            recorded += 1
        except StoreError as error:
            refused.append(error.message)
        fresh = Log.open(log.path)
        assert fresh.notices == ()
        assert fresh.position == log.position == recorded
        assert fresh.entries().num_rows == recorded
    assert recorded > 0
    assert refused
    assert all("the disk is full" in message for message in refused)
    ballast.unlink()
    log.append(make_events({}), source="visit")
    assert verify(log.path).ok
    last = commits.last_version(log.path) or 0
    named = {add.path for version in range(last + 1) for add in commits.read(log.path, version).added}
    assert {f"data/{path.name}" for path in (log.path / "data").iterdir()} == named


def test_a_bulk_import_into_a_full_disk_leaves_nothing_behind(small_disk: Path, make_events: MakeEvents) -> None:
    log = Log.create(small_disk / "store", VOCABULARY, clock=Clock())
    rows = make_events(*({"patient": f"patient number {number * 7919 % 100_003}"} for number in range(50_000)))
    with pytest.raises(StoreError, match="the disk is full"):
        log.append(iter([rows] * 20), source="bulk")
    assert list((log.path / "data").iterdir()) == []
    log.append(make_events({}), source="visit")
    assert verify(log.path).ok


def test_a_store_is_not_half_made_on_a_full_disk(small_disk: Path) -> None:
    room = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(b"\0" * (room.f_bavail * room.f_bsize))
    with pytest.raises(StoreError, match="the disk is full"):
        Log.create(small_disk / "store", VOCABULARY)
    assert not (small_disk / "store").exists()


def test_a_quota_is_a_full_disk(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({}), source="visit")
    for size in (0, 500, 1_000, 2_000):
        with files_no_larger_than(size), pytest.raises(StoreError, match="the disk is full"):
            log.append(make_events({"patient": "too much"}), source="visit")
        assert Log.open(log.path).position == 1
    assert log.append(make_events({}), source="visit").first == 2
    assert verify(log.path).ok


def test_a_store_that_may_only_be_read_is_read(small_disk: Path, make_events: MakeEvents) -> None:
    log = Log.create(small_disk / "store", VOCABULARY, clock=Clock())
    log.append(make_events({}), source="visit")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    opened = Log.open(log.path)
    assert opened.history("p1").num_rows == 1
    assert verify(log.path).ok
    with DuckDBEngine(opened.snapshot()) as engine:
        assert engine.query("SELECT patient FROM log.surgery") == pa.table({"patient": ["p1"]})
    for attempt in (
        lambda: opened.append(make_events({}), source="visit"),
        lambda: opened.retract(["e1"], reason="audit"),
    ):
        with pytest.raises(StoreError, match="cannot be written by this user"):
            attempt()
    assert opened.position == 1
    with pytest.raises(StoreError, match="cannot be written by this user"):
        Log.create(small_disk / "another", VOCABULARY)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not bind the administrator")
def test_a_folder_without_permission_to_write_is_read(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({}), source="visit")
    folders = [log.path, *(path for path in log.path.rglob("*") if path.is_dir())]
    for path in [*folders, log.path / "_timeline" / "lock"]:
        path.chmod(0o555)
    try:
        opened = Log.open(log.path)
        assert opened.history("p1").num_rows == 1
        with pytest.raises(StoreError, match="cannot be written by this user"):
            opened.append(make_events({}), source="visit")
    finally:
        for path in folders:
            path.chmod(0o755)
