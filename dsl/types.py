"""Value types of the language: what an attribute or an expression can hold.

A type says what may be compared with what. Whether a value belongs to one event or to one patient is its grain, which
the IR keeps apart from the type.
"""

from typing import ClassVar, TypeAlias

from dsl.record import record


@record
class Text:
    """Free text."""

    word: ClassVar[str] = "text"


@record
class Boolean:
    """A truth value: true, false, or missing (unknown)."""

    word: ClassVar[str] = "truth value"


@record
class Integer:
    """A whole number, with its unit where it has one."""

    unit: str | None = None
    word: ClassVar[str] = "whole number"


@record
class Number:
    """A number, with its unit where it has one."""

    unit: str | None = None
    word: ClassVar[str] = "number"


@record
class Date:
    """A calendar day. `birth` marks the attribute that `age at` counts from."""

    birth: bool = False
    word: ClassVar[str] = "date"


@record
class Code:
    """One of a closed list of codes, kept in declared order."""

    codes: tuple[str, ...]
    word: ClassVar[str] = "code"

    def __post_init__(self) -> None:
        if not self.codes:
            raise ValueError("Code.codes: expected at least one code, received none")
        if len(set(self.codes)) != len(self.codes):
            raise ValueError(f"Code.codes: expected distinct codes, received {self.codes!r}")


@record
class Duration:
    """A length of time in days: the difference of two dates, or the time of an endpoint."""

    word: ClassVar[str] = "duration"


@record
class Age:
    """Completed years of life on a date."""

    word: ClassVar[str] = "age"


AttributeType: TypeAlias = Text | Boolean | Integer | Number | Date | Code
"""What an event declaration can give an attribute."""

Type: TypeAlias = AttributeType | Duration | Age
"""What an expression can have."""


def describe(type_: Type) -> str:
    """The type in words for a message: `number [mg/m2]`, `code (R0, R1, R2)`."""
    match type_:
        case Integer(unit) | Number(unit) if unit:
            return f"{type_.word} [{unit}]"
        case Code(codes):
            shown = ", ".join(codes[:6]) + (", …" if len(codes) > 6 else "")
            return f"code ({shown})"
        case _:
            return type_.word


def an(type_: Type) -> str:
    """The type in words with its article: `a date`, `an age`."""
    shown = describe(type_)
    return f"{'an' if shown[0] in 'aeiou' else 'a'} {shown}"
