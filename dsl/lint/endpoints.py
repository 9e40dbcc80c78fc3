"""Endpoints whose parts cannot do what they are there for."""

from collections.abc import Iterator

from dsl import ir, program
from dsl.lint.finding import Finding
from dsl.lint.order import Order
from dsl.lint.places import Places
from dsl.lint.streams import Names
from dsl.source import Span


def endpoint_findings(endpoint: program.Endpoint, names: Names, order: Order, places: Places) -> Iterator[Finding]:
    enders = [(term, "until") for term in endpoint.until] + [(term, "competing") for term in endpoint.competing]
    for number, (term, _) in enumerate(enders):
        for other, word in [*enders[number + 1 :], *((censor, "censor") for censor in endpoint.censor)]:
            if (word == "until") or not _never_first(other, term, names, order):
                continue
            yield Finding(
                "idle_censor",
                f"`{word}` {_called(other)} never ends the time: each such event is the event {_called(term)} already",
                _place(other, endpoint, places),
                f"leave it out of `{word}`, or narrow the event of interest with `where`",
            )
            break
    for term, word in enders:
        if not isinstance(term.day, ir.Literal) and not order.not_after(endpoint.origin.day, term.day):
            no_other = "" if term.event is None else ": a later one is not looked for"
            yield Finding(
                "event_before_origin",
                f"{_called(term)} can lie before the origin of `{endpoint.name}`, and then does not count{no_other}",
                _place(term, endpoint, places),
                f"`{word}` takes events too, and finds the first on or after the origin; or add `after …`",
            )


def _selected(term: program.Term, names: Names) -> ir.Select | None:
    return names.selected(term.event) if term.event is not None else None


def _never_first(late: program.Term, early: program.Term, names: Names, order: Order) -> bool:
    """Whether `late` has always come after `early`, or is it: the first of some events, when `early` is the first of
    all of them. A narrower event of interest (a death of cancer, other deaths censored) is not meant here."""
    one, two = _selected(early, names), _selected(late, names)
    if one is None or two is None:
        return False
    if one == two:
        return True
    return one.pick == "first" and not one.by_end and order.contains(one.stream, two.stream)


def _called(term: program.Term) -> str:
    return f"`{term.label}`"


def _place(term: program.Term, endpoint: program.Endpoint, places: Places) -> Span | None:
    """Where the term was written: as an event, or as a stream whose first event on or after the origin it is."""
    event = term.event
    written: ir.Node | None = event
    if isinstance(event, ir.Select) and isinstance(event.stream, ir.Filter):
        since = event.stream.condition
        if isinstance(since, ir.InWindow) and since.low is not None and since.low.day is endpoint.origin.day:
            written = event.stream.stream
    return places.inside(written if written is not None else term.day, endpoint)
