"""Merging small files: by itself and when asked, without a trace in what the log says."""

import os
import time

import pytest
from log_support import MakeEvents

from timeline.log import Log, verify
from timeline.log import compact as compaction


def fill(log: Log, make_events: MakeEvents, commits: int) -> None:
    for number in range(commits):
        log.append(
            make_events(
                {"patient": f"p{number % 5}", "site": "liver"},
                {"patient": f"p{number % 3}", "event": "death", "cause": "other"},
                {"patient": f"p{number % 5}", "event": "laboratory", "value": float(number)},
            ),
            source=f"visit {number}",
        )


def test_compaction_leaves_one_file_a_type_and_says_the_same(log: Log, make_events: MakeEvents) -> None:
    fill(log, make_events, 5)
    log.amend({"e1": {"site": "rectum"}}, reason="audit")
    log.retract(["e5"], reason="audit")
    before, head, commits = log.entries(), log.head, list(log.commits())
    assert log.compact() == (7, 4)
    assert log.entries().equals(before)
    assert (log.head, list(log.commits())) == (head, commits)
    kinds = {(file.events, file.operations) for file in log.snapshot().files}
    assert kinds == {
        (("death", "death"), ("record", "record")),
        (("laboratory", "laboratory"), ("record", "record")),
        (("surgery", "surgery"), ("record", "record")),
        (("death", "surgery"), ("amend", "retract")),
    }
    assert log.compact() == (4, 4)
    assert verify(log.path).ok


def test_small_files_are_merged_by_themselves(log: Log, make_events: MakeEvents) -> None:
    most = 0
    for _ in range(12):
        fill(log, make_events, 10)
        most = max(most, len(log.snapshot().files))
    assert log.position == 360
    assert most <= 2 * compaction.EVERY
    assert log.entries()["position"].to_pylist() == list(range(1, 361))
    assert verify(log.path).ok


def test_a_merge_of_many_rows_gives_a_file_a_type(
    log: Log, make_events: MakeEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "TYPED", 20)
    fill(log, make_events, 16)
    assert {file.events for file in log.snapshot().files} >= {("surgery", "surgery"), ("death", "death")}
    assert verify(log.path).ok


def test_an_earlier_reader_keeps_its_files_for_a_day(log: Log, make_events: MakeEvents) -> None:
    fill(log, make_events, 4)
    snapshot = log.snapshot()
    old = [file.path for file in snapshot.files]
    for path in old:
        os.utime(path, (time.time() - 7 * 86_400,) * 2)
    log.compact()
    assert all(path.exists() for path in old)
    for path in old:
        os.utime(path, (time.time() - 90_000,) * 2)
    fresh = log.path / "data" / ".unfinished.parquet"
    fresh.touch()
    log.compact()
    assert not any(path.exists() for path in old)
    assert fresh.exists()
    assert log.entries().num_rows == 12
    assert verify(log.path).ok


def test_an_append_during_a_merge_is_neither_lost_nor_doubled(
    log: Log, make_events: MakeEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(log, make_events, 5)
    rows = compaction._rows

    def interrupted(files: object) -> object:
        monkeypatch.setattr(compaction, "_rows", rows)
        Log.open(log.path).append(make_events({"patient": "late"}), source="meanwhile")
        return rows(files)  # type: ignore[arg-type]

    monkeypatch.setattr(compaction, "_rows", interrupted)
    log.compact()
    assert log.entries()["position"].to_pylist() == list(range(1, 17))
    assert log.history("late").num_rows == 1
    assert verify(log.path).ok


def test_two_merges_of_the_same_files_do_not_double_them(
    log: Log, make_events: MakeEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(log, make_events, 5)
    rows = compaction._rows

    def interrupted(files: object) -> object:
        monkeypatch.setattr(compaction, "_rows", rows)
        Log.open(log.path).compact()
        return rows(files)  # type: ignore[arg-type]

    monkeypatch.setattr(compaction, "_rows", interrupted)
    log.compact()
    assert len(log.snapshot().files) == 3
    assert log.entries()["position"].to_pylist() == list(range(1, 16))
    assert verify(log.path).ok
