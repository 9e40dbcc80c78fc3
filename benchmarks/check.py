"""How long `timeline check` takes: from a cold process, and for a long study.

    python benchmarks/check.py

Prints processor times in milliseconds, and how many times those of an empty Python process they are. Every process is a
new one; modules are compiled and the parser's tables made by a first run that does not count, as on any machine after
the first day.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

STUDY = Path(__file__).resolve().parents[1] / "queries" / "m1.tql"
LINES = 1_000
RUNS = 10
_DEFINED = re.compile(r"^(?:let|cohort|endpoint)\s+(\w+)", re.MULTILINE)


def processor_time(cache: Path, *arguments: str) -> float:
    """Milliseconds of the quickest of a few runs of Python with these arguments."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cache)}
    spent = []
    for _ in range(1 + RUNS):
        before = getrusage(RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
        after = getrusage(RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent[1:]) * 1000


def long_study(text: str) -> str:
    """The study with its definitions and analyses written out again under other names, until it is long."""
    body = text.partition("use oncology\n")[2]
    names = "|".join(_DEFINED.findall(body))
    copies = [text]
    while sum(copy.count("\n") for copy in copies) < LINES:
        copies.append(re.sub(rf'(?<![\w."])({names})\b(?!:)', rf"\1_{len(copies)}", body))
    return "".join(copies)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "long.tql"
        path.write_text(long_study(STUDY.read_text(encoding="utf-8")), encoding="utf-8")
        lines = path.read_text(encoding="utf-8").count("\n")
        empty = processor_time(folder, "-c", "pass")
        short = processor_time(folder, "-m", "timeline.cli", "check", str(STUDY))
        long = processor_time(folder, "-m", "timeline.cli", "check", str(path))
    print(f"an empty Python process:             {empty:6.0f} ms")
    print(f"timeline check m1.tql:               {short:6.0f} ms, {short / empty:5.1f} times that")
    print(f"timeline check, {lines:,} lines:        {long:6.0f} ms, {long / empty:5.1f} times that")


if __name__ == "__main__":
    main()
