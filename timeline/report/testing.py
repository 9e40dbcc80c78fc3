"""Results of the tests of query files as plain text. Imports nothing slow: a file of tests runs in a moment."""

from collections.abc import Iterable, Iterator

from dsl.words import plain
from timeline.study.testing import Failure, GivenRow, TestResult

_GREEN, _RED, _BOLD, _RESET = "\033[32m", "\033[1;31m", "\033[1m", "\033[0m"


def lines(result: TestResult, *, colour: bool = False) -> Iterator[str]:
    """A line for a test that passes; for one that fails also what differs, and the patient's events in order."""

    def paint(style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if colour else text

    place = f"{result.file}:{result.line}"
    if result.passes:
        yield f"{paint(_GREEN, 'pass')}  {result.title}"
        return
    yield f"{paint(_RED, 'FAIL')}  {paint(_BOLD, result.title)}  ({place})"
    for failure in result.failures:
        yield from _failure(failure)
    decided = {event for failure in result.failures for event in failure.decided}
    yield "      the patient's events, those that decided marked with >"
    width = max((len(plain(row.event.event.name)) for row in result.events), default=0)
    for row in result.events:
        yield f"      {'>' if row.id in decided else ' '} {_event(row, width)}"
    if not result.events:
        yield "        none"


def summary(results: Iterable[TestResult]) -> str:
    passed = [result.passes for result in results]
    return f"{sum(passed)} passed, {len(passed) - sum(passed)} failed"


def _failure(failure: Failure) -> Iterator[str]:
    yield f"      expect {failure.claim}"
    yield f"        expected  {failure.expected}"
    yield f"        found     {failure.found}"
    if failure.difference:
        yield f"        differs   {failure.difference}"
    if failure.decided:
        yield f"        decided by {', '.join(failure.decided)}"


def _event(row: GivenRow, width: int) -> str:
    given = row.event
    days = f"{given.start}" + (f" to {given.end}" if given.end is not None else "")
    attributes = ", ".join(f"{name}: {value}" for name, value in given.attributes)
    recorded = f"  recorded {given.recorded}" if given.recorded is not None else ""
    hidden = f"  (not seen: {row.hidden})" if row.hidden else ""
    return f"{row.id:<3} {days}  {plain(given.event.name):<{width}}  {attributes}{recorded}{hidden}".rstrip()
