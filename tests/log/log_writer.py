"""A process that writes to a store: what the tests of concurrency and of crashes start, and kill.

Called with a store, a name and a count, it records that many batches and prints the number of each once it has been
acknowledged. Called as `forks`, it reads names from standing input and does the same in a fork of itself for each, so
that a hundred writers cost one start of Python.
"""

import os
import sys
from pathlib import Path

from log_support import events

from timeline.log import Log


def write(store: Path, name: str, count: int, output: int) -> None:
    """Batches of one, two or three events; the start day says which event of which batch it is."""
    log = Log.open(store)
    for number in range(count):
        rows = events(*({"patient": name, "event": "laboratory", "repeats": number} for _ in range(number % 3 + 1)))
        log.append(rows, source=name, recorded_by=name)
        os.write(output, f"{number}\n".encode())


def write_in_forks(store: Path) -> None:
    """For each name on standard input, prints the process id of a fork that writes until it is killed."""
    for line in sys.stdin:
        name, pipe = line.split()
        child = os.fork()
        if child == 0:
            output = os.open(pipe, os.O_WRONLY)
            write(store, name, 1_000_000, output)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "forks":
        write_in_forks(Path(sys.argv[2]))
    else:
        write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.stdout.fileno())
