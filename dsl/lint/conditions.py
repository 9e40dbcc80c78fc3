"""Windows that no event can lie in, and conditions that are the same for every patient, by the declared types alone.

"Always true" and "never true" leave missing values aside: a comparison with one is unknown either way.
"""

from collections.abc import Iterator

from dsl import ir
from dsl.lint.finding import Finding
from dsl.lint.order import Order
from dsl.lint.places import Places
from dsl.lint.sets import Values, admitted, domain, together
from dsl.lint.streams import conjuncts, limits, split
from dsl.types import Code

_NEVER_MISSING = ("start",)


class Conditions:
    """Looks at the conditions below one statement."""

    def __init__(self, order: Order, places: Places, owner: ir.Node) -> None:
        self.order = order
        self.places = places
        self.owner = owner

    def findings(self, root: ir.Node) -> Iterator[Finding]:
        """What is wrong with the node or anything below it; of a condition that is decided, only the whole."""
        stack: list[ir.Node] = [root]
        while stack:
            node = stack.pop()
            found = list(self.top(node))
            yield from found
            if isinstance(node, ir.Filter):
                base, parts = split(node)
                stack.extend([base, *parts])
            elif isinstance(node, ir.And):
                stack.extend(conjuncts(node))
            elif not found:
                stack.extend(node.children())

    def top(self, node: ir.Node) -> Iterator[Finding]:
        """What is wrong with the node itself, and is not with a part of it alone."""
        if isinstance(node, ir.Filter):
            yield from self._window(node)
            yield from self._together(split(node)[1])
        elif isinstance(node, ir.And):
            yield from self._together(list(conjuncts(node)))
        else:
            verdict = _verdict(node)
            if verdict is not None:
                yield self._finding(node, *verdict)

    def _window(self, stream: ir.Filter) -> Iterator[Finding]:
        bounds = list(limits(stream))
        lows = [limit for limit in bounds if not limit.upper]
        highs = [limit for limit in bounds if limit.upper]
        for low in lows:
            for high in highs:
                if self.order.empty(low, high):
                    windows = [part for part in split(stream)[1] if _bounds(part)]
                    span = self.places.inside(windows[-1], self.owner)
                    words = " ".join(f"`{part.words}`" for part in windows if isinstance(part, ir.InWindow))
                    yield Finding(
                        "empty_window",
                        f"no event can lie in this window{f': {words}' if words else ''}",
                        span,
                        "the window ends before it begins: look at which of its days comes first",
                    )
                    return

    def _together(self, parts: list[ir.Value]) -> Iterator[Finding]:
        """Conditions that are possible each, and not all at once."""
        shared: dict[ir.Value, Values] = {}
        for part in parts:
            if _verdict(part) is not None:
                continue
            found = admitted(part)
            if found is None:
                continue
            value, values = found
            both = together(shared[value], values) if value in shared else values
            possible = domain(value)
            possible = together(both, possible) if both is not None and possible is not None else None
            if both is None or possible is None:
                continue
            if possible.is_empty:
                hint = "conditions on one event hold for one and the same event; for two events write two selections"
                yield Finding(
                    "never_true",
                    f"{_words(value)} cannot meet all of these conditions",
                    self.places.inside(part, self.owner),
                    hint if isinstance(value, ir.Own) else None,
                )
                return
            shared[value] = both

    def _finding(self, node: ir.Node, always: bool, message: str, hint: str | None) -> Finding:
        rule = "always_true" if always else "never_true"
        return Finding(rule, message, self.places.inside(node, self.owner), hint)


def _bounds(condition: ir.Value) -> bool:
    if isinstance(condition, ir.Compare):
        return any(isinstance(side, ir.Own) and side.name == "start" for side in (condition.left, condition.right))
    return isinstance(condition, ir.InWindow)


def _verdict(condition: ir.Node) -> tuple[bool, str, str | None] | None:
    """Whether a condition is always or never true, with what to say of it; None where data decide."""
    match condition:
        case ir.Literal(value=bool() as truth):
            return truth, f"`{'true' if truth else 'false'}` is the same for everyone", None
        case ir.IsKnown(operand=operand) if not isinstance(operand, ir.Select | ir.EventRef) and _is_there(operand):
            return True, f"{_words(operand)} is always known", None
        case ir.Not(operand=operand):
            inner = _verdict(operand)
            return (not inner[0], inner[1], inner[2]) if inner is not None else None
        case ir.Compare(operator=operator, left=left, right=right) if left == right and not isinstance(
            left, ir.Literal
        ):
            return operator in ("=", "<=", ">="), f"{_words(left)} is compared with itself", None
        case ir.Compare(operator=operator, left=left, right=right) if _disjoint(left, right):
            message = f"{_words(left)} and {_words(right)} have no code in common"
            return operator == "!=", message, f"{_codes(left)}; {_codes(right)}"
        case ir.Quantified(quantifier="at least", number=0):
            return True, "there are always at least 0 events", "for one or more write `any`"
    found = admitted(condition) if isinstance(condition, ir.Value) else None
    if found is None or isinstance(condition, ir.And):
        return None
    value, values = found
    possible = domain(value)
    shared = together(values, possible) if possible is not None else None
    if shared is None or possible is None:
        return None
    if shared.is_empty:
        return False, f"{_words(value)} can never be so", _codes(value)
    rest = together(possible, values.complement)
    if rest is not None and rest.is_empty:
        return True, f"{_words(value)} is always so where it is known", f"`is known` says as much; {_codes(value)}"
    return None


def _is_there(value: ir.Node) -> bool:
    """Whether a value is never missing."""
    match value:
        case ir.Own(name=name):
            return name in _NEVER_MISSING
        case ir.Literal() | ir.CohortRef() | ir.IsKnown():
            return True
        case ir.Aggregate(function=function):
            return function in ("count", "sum", "distinct")
    return False


def _disjoint(left: ir.Value, right: ir.Value) -> bool:
    if isinstance(left.type, Code) and isinstance(right.type, Code):
        return not set(left.type.codes) & set(right.type.codes)
    return False


def _words(value: ir.Node) -> str:
    match value:
        case ir.Own(name=name) | ir.LetRef(name=name) | ir.CohortRef(name=name):
            return f"`{name}`"
        case ir.Attribute(event=ir.EventRef(name=event), name=name):
            return f"`{event}.{name}`"
        case ir.Attribute(name=name):
            return f"`{name}`"
        case ir.EndpointField(endpoint=endpoint, name=name):
            return f"`{endpoint}.{name}`"
        case ir.Literal(value=str() as text):
            return f"`{text}`"
        case ir.AgeAt():
            return "the age"
        case ir.Aggregate(function=function):
            return f"this {function}"
    return "this value"


def _codes(value: ir.Value) -> str | None:
    match value.type:
        case Code(codes):
            return f"{_words(value)} is one of " + ", ".join(codes)
        case _:
            found = domain(value)
            return None if found is None else f"{_words(value)} is a {value.type.word}"
