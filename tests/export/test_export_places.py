"""Places that cannot be written, names that do not exist, and exports that are stopped: nothing half done is left."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dsl import read_catalog
from tests.export.conftest import ROOT, Export, Study
from timeline.engine.duckdb import DuckDBEngine
from timeline.export import files, writers
from timeline.log import Log

REFUSED, NO_STORE, NOT_WRITTEN, INTERRUPTED = 2, 4, 8, 130
Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rsf", "did you mean `rfs`?"),
        ("radicl", "did you mean `radical`?"),
        ("response", "`--with response`"),
        ("zzz", "it has `enrolled`"),
    ],
)
def test_a_name_that_does_not_exist_is_refused_with_the_nearest(
    name: str, hint: str, m1: Study, export: Export, tmp_path: Path, capsys: Captured
) -> None:
    assert export(m1, name, "-o", tmp_path / "x.parquet") == REFUSED
    assert hint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("option", "name"), [("--in", "radicall"), ("--with", "respons")])
def test_a_cohort_or_let_that_does_not_exist_is_refused(
    option: str, name: str, m1: Study, export: Export, tmp_path: Path, capsys: Captured
) -> None:
    assert export(m1, "os", option, name, "-o", tmp_path / "x.parquet") == REFUSED
    assert "did you mean `r" in capsys.readouterr().err


def test_an_existing_file_is_replaced_only_when_asked(m1: Study, export: Export, tmp_path: Path) -> None:
    out = tmp_path / "os.parquet"
    out.write_text("mine")
    assert export(m1, "os", "-o", out) == NOT_WRITTEN
    assert out.read_text() == "mine"
    assert export(m1, "os", "-o", out, "--force") == 0
    assert out.read_bytes()[:4] == b"PAR1"
    assert [path.name for path in tmp_path.iterdir()] == ["os.parquet"]


def test_an_existing_file_beside_it_is_not_lost_either(m1: Study, export: Export, tmp_path: Path) -> None:
    (tmp_path / "os.without-time.parquet").write_text("mine")
    assert export(m1, "os", "-o", tmp_path / "os.parquet") == NOT_WRITTEN
    assert (tmp_path / "os.without-time.parquet").read_text() == "mine"


def test_a_folder_a_device_and_a_missing_folder_are_refused(
    m1: Study, export: Export, tmp_path: Path, capsys: Captured
) -> None:
    for place in (tmp_path, Path(os.devnull), tmp_path / "missing" / "os.parquet"):
        assert export(m1, "os", "-o", place, "--format", "csv", "--force") == NOT_WRITTEN
    assert not Path(os.devnull).is_file()
    told = capsys.readouterr().err
    assert "is a folder" in told
    assert "no ordinary file" in told
    assert "does not exist" in told


def test_several_names_need_a_folder(m1: Study, export: Export, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").write_text("mine")
    assert export(m1, "os", "rfs", "-o", tmp_path / "file") == NOT_WRITTEN
    assert export(m1, "os", "rfs", "-o", tmp_path / "both.parquet") == NOT_WRITTEN
    assert "Name a folder" in capsys.readouterr().err
    assert export(m1, "os", "rfs", "-o", tmp_path / "out") == 0
    assert export(m1, "os", "rfs", "-o", tmp_path / "out") == NOT_WRITTEN
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert export(m1, "os", "rfs", "-o", tmp_path / "out", "--force") == 0
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_a_transport_file_cannot_be_streamed(m1: Study, export: Export, tmp_path: Path, capsys: Captured) -> None:
    assert export(m1, "os", "-o", "-", "--format", "xpt") == REFUSED
    assert export(m1, "os", "-o", tmp_path / "out", "--format", "xpt", "--rows-per-file", "5") == REFUSED
    assert "parquet, arrow and csv can" in capsys.readouterr().err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 96 kilobytes; only a user who may mount one gets it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system is not permitted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow", ".json"])
def test_a_full_disk_leaves_nothing(suffix: str, small_disk: Path, m1: Study, export: Export, capsys: Captured) -> None:
    assert export(m1, "events", "-o", small_disk / f"events{suffix}") == NOT_WRITTEN
    assert "the disk is full" in capsys.readouterr().err
    assert list(small_disk.iterdir()) == []


def test_a_full_disk_is_noticed_where_the_library_says_nothing(
    small_disk: Path, m1: Study, export: Export, capsys: Captured
) -> None:
    room = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(b"\0" * (room.f_bavail * room.f_bsize - 3 * 4096))
    assert export(m1, "os", "-o", small_disk / "os.xpt") == NOT_WRITTEN
    assert "disk" in capsys.readouterr().err
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_a_place_that_may_only_be_read_is_told(small_disk: Path, m1: Study, export: Export, capsys: Captured) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert export(m1, "os", "-o", small_disk / "os.parquet") == NOT_WRITTEN
    assert export(m1, "os", "rfs", "-o", small_disk / "out") == NOT_WRITTEN
    assert capsys.readouterr().err.count("cannot be written by this user") == 2


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_quota_is_a_full_disk(m1: Study, export: Export, tmp_path: Path, capsys: Captured) -> None:
    with files_no_larger_than(20_000):
        assert export(m1, "events", "-o", tmp_path / "events.parquet") == NOT_WRITTEN
    assert "the disk is full" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "stage", ["computing", "first batch", "description", "last flush", "first rename"], ids=lambda stage: stage
)
def test_an_export_stopped_at_any_stage_leaves_nothing(
    stage: str, m1: Study, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {
        "computing": (DuckDBEngine, "materialise"),
        "first batch": (DuckDBEngine, "stream"),
        "description": (writers.json, "dumps"),
        "last flush": (files, "sync_file"),
        "first rename": (files, "publish"),
    }
    monkeypatch.setattr(*places[stage], stop)
    assert export(m1, "rfs", "-o", tmp_path / "rfs.json") == INTERRUPTED
    assert list(tmp_path.iterdir()) == []
    assert export(m1, "os", "rfs", "-o", tmp_path / "out", "--format", "dataset-json") == INTERRUPTED or (
        stage == "first rename"  # a folder is renamed as a whole
    )
    assert [path.name for path in tmp_path.iterdir()] == (["out"] if stage == "first rename" else [])


@pytest.mark.parametrize(("name", "stage"), [("rfs", "materialise"), ("events", "stream")])
def test_a_store_that_vanishes_is_told_and_leaves_nothing(
    name: str, stage: str, m1: Study, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    shutil.copytree(m1.store, tmp_path / "store")
    asked = getattr(DuckDBEngine, stage)

    def vanish_and_ask(*arguments: object) -> object:
        shutil.rmtree(tmp_path / "store", ignore_errors=True)
        return asked(*arguments)

    monkeypatch.setattr(DuckDBEngine, stage, vanish_and_ask)
    assert export(Study(m1.query, tmp_path / "store"), name, "-o", tmp_path / "out.parquet") == NO_STORE
    assert f"{tmp_path / 'store'} is gone" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A store whose export takes long enough to be stopped."""
    folder = tmp_path_factory.mktemp("large")
    log = Log.create(folder / "store", read_catalog("event surgery\nevent death\n"))
    patients = 50_000
    ids = [f"p{number}" for number in range(patients)]
    for event, day in (("surgery", 0), ("death", 300)):
        days = pa.array(np.full(patients, 14_000 + day, np.int32)).cast(pa.date32())
        log.append(pa.table({"patient": ids, "event": [event] * patients, "start": days}), source="made")
    (folder / "study.tql").write_text("endpoint os from first surgery until death last seen death\n")
    return Study(folder / "study.tql", folder / "store")


def start(study: Study, out: Path | str) -> "subprocess.Popen[bytes]":
    command = ["export", study.query, "os", "--store", study.store, "-o", out, "--force"]
    return subprocess.Popen(
        [sys.executable, "-m", "timeline.cli", *map(str, command)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_a_process_stopped_at_any_time_leaves_the_file_whole_or_absent(
    how: signal.Signals, large: Study, tmp_path: Path, verify: Export
) -> None:
    begin = time.monotonic()
    assert start(large, tmp_path / "os.parquet").wait() == 0
    whole = time.monotonic() - begin
    size = (tmp_path / "os.parquet").stat().st_size
    outcomes = []
    for step in (5, 8, 10):
        (tmp_path / "os.parquet").unlink(missing_ok=True)
        process = start(large, tmp_path / "os.parquet")
        time.sleep(whole * step / 10)
        process.send_signal(how)
        _, told = process.communicate(timeout=60)
        left = [path.name for path in tmp_path.iterdir()]
        assert left in ([], ["os.parquet"])
        if left:
            assert (tmp_path / "os.parquet").stat().st_size == size
        if process.returncode == INTERRUPTED:
            assert b"Traceback" not in told
        outcomes.append(process.returncode)
    assert set(outcomes) & {INTERRUPTED, -how}, outcomes


def test_what_a_killed_export_leaves_is_hidden_and_cleared_by_the_next(large: Study, tmp_path: Path) -> None:
    process = start(large, tmp_path / "os.parquet")
    while not any(tmp_path.iterdir()):
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert all(path.name.startswith(".os.parquet.partial-") for path in tmp_path.iterdir())
    assert start(large, tmp_path / "os.parquet").wait() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["os.parquet"]


def test_a_reader_that_goes_away_is_no_mistake(large: Study) -> None:
    process = start(large, "-")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b'"STUDYID"')
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 0
