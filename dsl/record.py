"""Frozen dataclasses that are quick to define.

`@dataclass(frozen=True)` writes and compiles six methods for each class; for the hundred classes of the language that
takes longer than checking a study. These share theirs. `fields`, `replace`, `field(compare=False)` and `__post_init__`
work as they do on any dataclass.
"""

from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")

_HASH = " hash"
"""Where a record keeps its hash, which is that of everything beneath it. Another process hashes texts differently, so
that a record is copied and pickled without it."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_T]) -> type[_T]:
    """Make a class a frozen record of its annotated fields, as `@dataclass(frozen=True)` does."""
    made: Any = dataclass(init=False, repr=False, eq=False)(cls)
    own = fields(made)
    names = tuple(item.name for item in own)
    required = frozenset(item.name for item in own if item.default is MISSING)
    compared = tuple(item.name for item in own if item.compare)
    checks = hasattr(made, "__post_init__")
    known = frozenset(names)

    def build(self: Any, *values: Any, **named: Any) -> None:
        state = self.__dict__
        state.update(zip(names, values, strict=False))
        state.update(named)
        if len(values) + len(named) != len(state) or not required <= state.keys() <= known:
            raise TypeError(f"{cls.__name__}: expected {names}, received {values} and {named}")
        if checks:
            self.__post_init__()

    def equals(self: Any, other: object) -> object:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self is other or all(getattr(self, name) == getattr(other, name) for name in compared)

    def hashed(self: Any) -> int:
        state = self.__dict__
        if _HASH not in state:
            state[_HASH] = hash((cls, *[getattr(self, name) for name in compared]))
        found: int = state[_HASH]
        return found

    def without_hash(self: Any) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != _HASH}

    def shown(self: Any) -> str:
        return f"{cls.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    made.__init__, made.__eq__, made.__hash__, made.__repr__ = build, equals, hashed, shown
    made.__getstate__ = without_hash
    made.__setattr__ = made.__delattr__ = _refuse
    return made  # type: ignore[no-any-return]


def _refuse(self: object, name: str, *_: object) -> None:
    raise FrozenInstanceError(f"{type(self).__name__}.{name} does not change")
