"""Writes what was measured into `docs/benchmarks.md` and `docs/performance.md`, between their marks.

A test holds both in step:

python -m benchmarks.suite.page
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.suite.report import command
from benchmarks.suite.systems import NAMES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
RULES_PAGE = ROOT / "docs" / "performance.md"
RESULTS = ROOT / "benchmarks" / "results"

_BLOCK = re.compile(r"(<!-- measured: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)

GOALS = (
    ("W1", "sql", 1 / 1.10, "at most 1.10 times the SQL by hand"),
    ("W2", "sql", 1 / 1.10, "at most 1.10 times the SQL by hand"),
    ("W3", "sql", 1 / 1.10, "at most 1.10 times the SQL by hand"),
    ("W3", "aces", 20, "20 times as fast as ACES"),
    ("W4", "pandas", 20, "20 times as fast as pandas + lifelines"),
    ("W4", "polars", 2, "2 times as fast as polars + lifelines"),
)
"""What each workload is to reach at a million patients: against whom, and at least how many times as fast."""

HISTORY = 0.1
"""Seconds for one patient's history."""

Kept = dict[str, Any]


def results() -> list[Kept]:
    """All that was measured, the smallest number of patients first."""
    found = [
        json.loads(path.read_text(encoding="utf-8")) for path in RESULTS.glob("*.json") if path.name != "rules.json"
    ]
    return sorted(found, key=lambda kept: kept["patients"])


def rules() -> Kept:
    """What was measured of the rules."""
    found: Kept = json.loads((RESULTS / "rules.json").read_text(encoding="utf-8"))
    return found


def rewritten(page: str, measured: Any) -> str:
    """The page with its blocks written anew."""
    blocks = {"tables": _tables, "losses": _losses, "goals": _goals, "machine": _machine, "rules": _rules}

    def replace(block: re.Match[str]) -> str:
        text = "\n".join(blocks[block[2]](measured))
        return f"{block[1]}\n{text}\n\n{block[4]}"

    return _BLOCK.sub(replace, page)


def _tables(measured: list[Kept]) -> Iterator[str]:
    for number, kept in enumerate(measured):
        if number:
            yield ""
        yield f"### {kept['patients']:,} patients, {kept['events']:,} events"
        yield ""
        yield "| | against | times as fast | in processor time | timeline | the other | memory, MiB |"
        yield "|---|---|---:|---:|---:|---:|---:|"
        for workload, systems in kept["workloads"].items():
            for name, found in systems.items():
                times = f"{_seconds(found['seconds'])} | {_seconds(found['their_seconds'])}"
                memory = _mebibytes(found["peak"], found["their_peak"])
                ratios = f"{_times(found['ratio'])} | {_times(found['processor_ratio'])}"
                yield f"| {workload} | {NAMES[name]} | {ratios} | {times} | {memory} |"


def _losses(measured: list[Kept]) -> Iterator[str]:
    yield "| | patients | against | times as long | in processor time |"
    yield "|---|---:|---|---:|---:|"
    for kept in measured:
        for workload, systems in kept["workloads"].items():
            for name, found in systems.items():
                if found["ratio"] < 1:
                    ratios = f"{_times(1 / found['ratio'])} | {_times(1 / found['processor_ratio'])}"
                    yield f"| {workload} | {kept['patients']:,} | {NAMES[name]} | {ratios} |"


def _goals(measured: list[Kept]) -> Iterator[str]:
    largest = measured[-1]
    yield f"| at {largest['patients']:,} patients | to reach | measured | in processor time | |"
    yield "|---|---|---:|---:|---|"
    for workload, name, least, words in GOALS:
        found = largest["workloads"].get(workload, {}).get(name)
        if found is None:
            yield f"| {workload} | {words} | not measured | | |"
            continue
        ratios = [found["ratio"], found["processor_ratio"]]
        shown = [f"{1 / ratio:.2f} times" if least < 1 else f"{_times(ratio)} times as fast" for ratio in ratios]
        yield f"| {workload} | {words} | {' | '.join(shown)} | {_verdict(found['ratio'] >= least)} |"
    if history := largest["workloads"].get("W5"):
        seconds, processor = (min(found[part] for found in history.values()) for part in ("seconds", "processor"))
        verdict = _verdict(seconds < HISTORY)
        yield f"| W5 | under {_seconds(HISTORY)} | {_seconds(seconds)} | {_seconds(processor)} | {verdict} |"


def _verdict(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def _machine(measured: list[Kept]) -> Iterator[str]:
    for kept in measured:
        machine = kept["machine"]
        runs = [found for systems in kept["workloads"].values() for found in systems.values()]
        dates = sorted({found["date"] for found in runs})
        commits = ", ".join(sorted({found["commit"] for found in runs}))
        loads = [found["load"] for found in runs]
        yield (
            f"- {kept['patients']:,} patients: {machine['processor']}, {machine['cores']} cores,"
            f" {machine['memory'] / 2**30:,.0f} GiB, {machine['system']}; {_between(dates)}, commit {commits};"
            f" load of the machine {min(loads):g} to {max(loads):g}; `{command(kept)}`"
        )
    versions: dict[str, str] = {}
    for kept in measured:
        versions.update(kept["versions"])
    yield f"- {', '.join(f'{name} {version}' for name, version in versions.items())}"


def _mebibytes(ours: int, others: int) -> str:
    return f"{ours / 2**20:,.0f} and {others / 2**20:,.0f}"


def _rules(measured: Kept) -> Iterator[str]:
    yield "| rule | shown by | patients | pairs | ratio of processor times | with | without | peak memory, MiB |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for name, sizes in measured["rules"].items():
        for patients, found in sizes.items():
            times = f"{_seconds(found['processor'])} | {_seconds(found['without_processor'])}"
            memory = _mebibytes(found["peak"], found["without_peak"])
            size = f"{int(patients):,} | {found['pairs']}"
            yield f"| {name} | {found['workload']} | {size} | {found['processor_ratio']:.2f} | {times} | {memory} |"
    machine = measured["machine"]
    runs = [found for sizes in measured["rules"].values() for found in sizes.values()]
    loads = [found["load"] for found in runs]
    yield ""
    yield (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory'] / 2**30:,.0f} GiB;"
        f" {_between(sorted({found['date'] for found in runs}))}, commit {runs[0]['commit']};"
        f" load of the machine {min(loads):g} to {max(loads):g};"
        f" {', '.join(f'{name} {version}' for name, version in measured['versions'].items())}"
    )


def _between(dates: list[str]) -> str:
    return dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 2 else f"{ratio:.2f}"


def _seconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def main() -> None:
    for page, measured in ((PAGE, results()), (RULES_PAGE, rules())):
        page.write_text(rewritten(page.read_text(encoding="utf-8"), measured), encoding="utf-8")


if __name__ == "__main__":
    main()
