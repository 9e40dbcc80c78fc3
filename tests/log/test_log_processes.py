"""Many processes on one store: one order for all, nothing lost, nothing twice, whatever is killed when."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from timeline.log import Log, verify

WRITER = Path(__file__).parent / "log_writer.py"


def start(*arguments: str | Path, **pipes: int) -> subprocess.Popen[str]:
    folders = os.pathsep.join([str(WRITER.parent), *sys.path])
    command = [sys.executable, str(WRITER), *map(str, arguments)]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": folders}, text=True, **pipes)


def assert_whole(log: Log, batches: dict[str, int], *, at_least: bool = False) -> None:
    """Each writer's batches are there in its order, each in one piece: batch n with n % 3 + 1 events."""
    found = log.entries()
    assert found["position"].to_pylist() == list(range(1, found.num_rows + 1))
    rows = list(zip(found["patient"].to_pylist(), found["repeats"].to_pylist(), strict=True))
    pieces = [row for index, row in enumerate(rows) if index == 0 or rows[index - 1] != row]
    assert all(count == number % 3 + 1 for (_, number), count in Counter(rows).items())
    for name, count in batches.items():
        numbers = [number for patient, number in pieces if patient == name]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) in ((count, count + 1) if at_least else (count,))


def test_eight_writers_at_once_make_one_gapless_log(log: Log) -> None:
    names = [f"writer{number}" for number in range(8)]
    writers = [start(log.path, name, "200", stdout=subprocess.DEVNULL) for name in names]
    assert [writer.wait() for writer in writers] == [0] * 8
    assert_whole(log, dict.fromkeys(names, 200))
    checked = verify(log.path)
    assert checked.ok, checked.findings
    # Of every three batches one has one event, one two, one three; 200 = 66 * 3 + 2.
    assert log.position == 8 * (66 * (1 + 2 + 3) + 1 + 2)
    assert sum(1 for commit in log.commits() if commit.kind == "record") == 8 * 200


def test_compaction_beside_four_writers_loses_and_doubles_nothing(log: Log) -> None:
    names = [f"writer{number}" for number in range(4)]
    writers = [start(log.path, name, "750", stdout=subprocess.DEVNULL) for name in names]
    merges = 0
    while any(writer.poll() is None for writer in writers):
        before, after = log.compact()
        merges += before > after
    assert [writer.wait() for writer in writers] == [0] * 4
    assert merges > 0
    assert_whole(log, dict.fromkeys(names, 750))
    checked = verify(log.path)
    assert checked.ok, checked.findings
    assert sum(1 for commit in log.commits() if commit.kind == "record") == 3_000


def test_readers_beside_a_writer_never_see_half_a_batch(log: Log) -> None:
    writer = start(log.path, "writer", "100", stdout=subprocess.DEVNULL)
    reader = Log.open(log.path)
    sizes = []
    while writer.poll() is None:
        repeats = reader.entries()["repeats"].to_pylist()
        assert repeats == [number for number in range(100) for _ in range(number % 3 + 1)][: len(repeats)]
        sizes.append(len(repeats))
    whole = {sum(number % 3 + 1 for number in range(count)) for count in range(101)}
    assert set(sizes) <= whole
    assert len(set(sizes)) > 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forks of one process")
def test_a_hundred_kills_cost_no_acknowledged_batch(log: Log, tmp_path: Path) -> None:
    generator = random.Random(20260722)
    forks = start("forks", log.path, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert forks.stdin is not None
    assert forks.stdout is not None
    acknowledged: dict[str, int] = {}
    for number in range(100):
        name, pipe = f"writer{number}", tmp_path / f"pipe{number}"
        os.mkfifo(pipe)
        received: list[str] = []
        listener = threading.Thread(target=_listen, args=(pipe, received))
        listener.start()
        print(name, pipe, file=forks.stdin, flush=True)
        child = int(forks.stdout.readline())
        while not received:
            time.sleep(0.001)
        time.sleep(generator.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        assert forks.stdout.readline() == "ended\n"
        listener.join()
        acknowledged[name] = "".join(received).count("\n")
        fresh = Log.open(log.path)
        assert fresh.notices == ()
        assert_whole(fresh, acknowledged, at_least=True)
        pipe.unlink()
    forks.stdin.close()
    assert forks.wait() == 0
    assert sum(acknowledged.values()) >= 100
    checked = verify(log.path)
    assert checked.ok, checked.findings
    log.compact()
    assert_whole(log, acknowledged, at_least=True)


def _listen(pipe: Path, received: list[str]) -> None:
    with pipe.open() as file:
        received.extend(file)
