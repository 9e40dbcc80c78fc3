"""Records behave as frozen dataclasses do."""

import pickle
from copy import copy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import ClassVar

import pytest

from dsl.record import record


@record
class Point:
    x: int
    y: int = 0
    words: str = field(default="", compare=False)
    kind: ClassVar[str] = "point"

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("Point.x: expected a number that is not negative")


@dataclass(frozen=True)
class Plain:
    x: int
    y: int = 0


@record
class Other:
    x: int
    y: int = 0


def test_values_are_given_by_place_or_by_name_and_have_defaults() -> None:
    assert Point(1, 2) == Point(x=1, y=2) == Point(1, y=2)
    assert (Point(1).y, Point(1).kind) == (0, "point")


def test_records_of_different_classes_differ_though_their_values_are_the_same() -> None:
    assert Other(1) == Other(1)
    assert Other(1) != Point(1)
    assert Other(1) != Plain(1)
    assert len({Other(1), Other(1), Point(1)}) == 2


def test_what_is_not_compared_takes_no_part_in_equality_and_hash() -> None:
    assert Point(1, 2, "here") == Point(1, 2, "there")
    assert hash(Point(1, 2, "here")) == hash(Point(1, 2, "there"))


def test_a_default_that_is_given_equals_one_that_is_not() -> None:
    assert Point(1, 0) == Point(1)
    assert hash(Point(1, 0)) == hash(Point(1))


@pytest.mark.parametrize(
    "build", [lambda: Point(), lambda: Point(1, 2, "", 3), lambda: Point(1, x=1), lambda: Point(1, z=1)]
)
def test_missing_doubled_and_unknown_values_are_refused(build: object) -> None:
    with pytest.raises(TypeError, match="Point: expected"):
        build()  # type: ignore[operator]


def test_a_record_does_not_change() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del point.x
    assert point == Point(1)


def test_what_is_not_valid_is_refused_also_when_replaced() -> None:
    with pytest.raises(ValueError, match=r"Point\.x"):
        replace(Point(1), x=-1)


def test_fields_and_replace_work_and_a_record_shows_its_values() -> None:
    assert [item.name for item in fields(Point(1))] == ["x", "y", "words"]
    assert replace(Point(1), y=5) == Point(1, 5)
    assert repr(Point(1, 2, "w")) == "Point(x=1, y=2, words='w')"


def test_a_hash_that_was_taken_is_neither_copied_nor_pickled_nor_in_the_way_of_another() -> None:
    point = Point(1, 2)
    taken = hash(point)
    assert pickle.loads(pickle.dumps(point)).__dict__ == copy(point).__dict__ == {"x": 1, "y": 2}
    assert hash(point) == taken == hash(Point(1, 2))
    assert hash(replace(point, y=3)) == hash(Point(1, 3)) != taken
    assert point == Point(1, 2)
