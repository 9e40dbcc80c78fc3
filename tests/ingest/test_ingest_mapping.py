"""Mapping files: what they can say, and what is said about mistakes in them and in what they read."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dsl.catalog import Catalog
from timeline.errors import IngestError, Problem
from timeline.ingest import read_events
from timeline.ingest.units import factor

FILE = '[file]\npatient = "id"\n'


def events(catalog: Catalog, folder: Path, mapping: str, content: str) -> list[dict[str, Any]]:
    """What is known of each event, apart from its place and from whole-day precisions."""
    (folder / "map.toml").write_text(mapping)
    (folder / "forms.csv").write_text(content)
    rows = read_events(folder / "forms.csv", catalog, folder / "map.toml").to_pylist()
    return [
        {name: value for name, value in row.items() if value not in (None, "day") and name != "source"} for row in rows
    ]


def mistakes(catalog: Catalog, folder: Path, mapping: str, content: str = "id,day\np1,2010-01-01\n") -> list[Problem]:
    with pytest.raises(IngestError) as caught:
        events(catalog, folder, mapping, content)
    return list(caught.value.problems)


def test_one_row_can_become_several_events_in_the_order_of_the_mapping(catalog: Catalog, tmp_path: Path) -> None:
    mapping = FILE + (
        '[[event]]\nevent = "diagnosis"\nstart = "dx"\nattributes.site = { value = "rectum" }\n'
        '[[event]]\nevent = "death"\nstart = "dod"\n'
    )
    assert events(catalog, tmp_path, mapping, "id,dx,dod\np1,2010-01-01,2011-01-01\np2,2010-02-01,\n") == [
        {"patient": "p1", "event": "diagnosis", "start": date(2010, 1, 1), "site": "rectum"},
        {"patient": "p1", "event": "death", "start": date(2011, 1, 1)},
        {"patient": "p2", "event": "diagnosis", "start": date(2010, 2, 1), "site": "rectum"},
    ]


def test_separator_decimal_sign_and_dates_are_as_the_mapping_says(catalog: Catalog, tmp_path: Path) -> None:
    mapping = (
        FILE + 'separator = ";"\ndecimal = ","\ndates = ["D.M.YYYY", "YYYY-MM-DD"]\n'
        '[[event]]\nevent = "radiotherapy"\nstart = "von"\nend = "bis"\nattributes.dose = "gy"\n'
    )
    assert events(catalog, tmp_path, mapping, "id;von;bis;gy\np1;3.2.2010;2010-02-09;50,4\n") == [
        {
            "patient": "p1",
            "event": "radiotherapy",
            "start": date(2010, 2, 3),
            "end": date(2010, 2, 9),
            "dose": 50.4,
        }
    ]


def test_a_point_is_no_decimal_sign_where_the_comma_is(catalog: Catalog, tmp_path: Path) -> None:
    mapping = FILE + 'decimal = ","\n[[event]]\nevent = "radiotherapy"\nstart = "day"\nattributes.dose = "gy"\n'
    [problem] = mistakes(catalog, tmp_path, mapping, "id,day,gy\np1,2010-01-01,1.234\n")
    assert (problem.line, problem.column, problem.found) == (2, "gy", "'1.234'")


@pytest.mark.parametrize(
    ("rule", "day"), [("first", date(2010, 6, 1)), ("middle", date(2010, 6, 15)), ("last", date(2010, 6, 30))]
)
def test_the_imputed_day_is_as_the_mapping_says(catalog: Catalog, tmp_path: Path, rule: str, day: date) -> None:
    for place in (
        f'imputed_day = "{rule}"\n[[event]]\nstart = "day"\n',
        f"[[event]]\nstart = {{ column = 'day', imputed_day = '{rule}' }}\n",
    ):
        mapping = FILE + place + 'event = "death"\n'
        [death] = events(catalog, tmp_path, mapping, "id,day\np1,2010-06\n")
        assert (death["start"], death["start_precision"]) == (day, "month")


@pytest.mark.parametrize(
    ("anchor", "first_day", "number", "day"),
    [
        ("2010-01-01", 0, "0", date(2010, 1, 1)),
        ("2010-01-01", 0, "31", date(2010, 2, 1)),
        ("2010-01-01", 0, "-1", date(2009, 12, 31)),
        ("2010-01-01", 1, "1", date(2010, 1, 1)),
        ("2010-01-01", 1, "32", date(2010, 2, 1)),
        ("2010-01-01", 1, "-1", date(2009, 12, 31)),
    ],
)
def test_days_are_counted_from_a_fixed_day(
    catalog: Catalog, tmp_path: Path, anchor: str, first_day: int, number: str, day: date
) -> None:
    start = f'start = {{ days = "n", from = {anchor}, first_day = {first_day} }}'
    mapping = FILE + f'[[event]]\nevent = "death"\n{start}\n'
    [death] = events(catalog, tmp_path, mapping, f"id,n\np1,{number}\n")
    assert death["start"] == day


ANCHORED = FILE + (
    '[[event]]\nevent = "death"\nstart = { days = "n", from = "entry" }\nend = { days = "m", from = "entry" }\n'
)


def test_the_anchor_is_the_patients_date_in_any_row(catalog: Catalog, tmp_path: Path) -> None:
    found = events(catalog, tmp_path, ANCHORED, "id,entry,n,m\np1,,10,11\np2,2011-01-01,,\np1,2010-01,,\np2,,1,\n")
    assert found == [
        {
            "patient": "p1",
            "event": "death",
            "start": date(2010, 1, 25),  # 15 January + 10: a day counted from an imputed one is no better known
            "start_precision": "month",
            "end": date(2010, 1, 26),
            "end_precision": "month",
        },
        {"patient": "p2", "event": "death", "start": date(2011, 1, 2)},
    ]


@pytest.mark.parametrize(
    ("content", "line", "column", "found"),
    [
        ("id,entry,n,m\np1,,10,\n", 2, "n", "days without an anchor"),
        ("id,entry,n,m\np1,2010-01-01,,\np1,2010-01-02,3,\n", 3, "entry", "2010-01-01 and 2010-01-02 for this patient"),
        ("id,entry,n,m\np1,2010-01-01,ten,\n", 2, "n", "'ten'"),
        ("id,entry,n,m\np1,2010-01-01,1.5,\n", 2, "n", "'1.5'"),
        ("id,entry,n,m\np1,2010-01-01,99999999,\n", 2, "n", "99999999"),
        ("id,entry,n,m\np1,2010-01-01,,4\n", 2, "n", "nothing"),
        ("id,entry,n,m\np1,2010-01-01,4,3\n", 2, "m", "2010-01-04"),
        ("id,entry,n,m\n,2010-01-01,4,5\n", 2, "id", "nothing"),
    ],
)
def test_what_cannot_be_counted_is_located(
    catalog: Catalog, tmp_path: Path, content: str, line: int, column: str, found: str
) -> None:
    [problem] = mistakes(catalog, tmp_path, ANCHORED, content)
    assert (problem.file, problem.line, problem.column, problem.found) == ("forms.csv", line, column, found)


def test_day_zero_is_refused_where_the_anchor_is_day_one(catalog: Catalog, tmp_path: Path) -> None:
    mapping = FILE + '[[event]]\nevent = "death"\nstart = { days = "n", from = 2010-01-01, first_day = 1 }\n'
    [problem] = mistakes(catalog, tmp_path, mapping, "id,n\np1,0\n")
    assert problem.expected == "a day: the anchor is day 1"


def test_boxes_take_the_marks_that_exports_use(catalog: Catalog, tmp_path: Path) -> None:
    mapping = FILE + (
        '[[event]]\nevent = "metastasis"\nstart = "day"\nattributes.lesions = "n"\n'
        '[event.attributes.site]\ncheckbox = "site"\ncodes = { 1 = "liver", b = "lung" }\n'
    )
    content = "id,day,n,site___1,site___b\np1,2010-01-01,3,Checked,1\np2,2010-01-01,,Unchecked,0\np3,,,,\n"
    assert [(event["site"], event["lesions"]) for event in events(catalog, tmp_path, mapping, content)] == [
        ("liver", 3),
        ("lung", 3),
    ]
    [problem] = mistakes(catalog, tmp_path, mapping, "id,day,n,site___1,site___b\np1,2010-01-01,3,maybe,0\n")
    assert (problem.line, problem.column, problem.found) == (2, "site___1", "'maybe'")
    [missing] = mistakes(catalog, tmp_path, mapping, "id,day,n,site___1,site___b\np1,,3,1,0\n")
    assert (missing.line, missing.column, missing.expected) == (2, "day", "a date")


def test_a_box_that_the_mapping_does_not_translate_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    mapping = FILE + (
        '[[event]]\nevent = "metastasis"\nstart = "day"\n'
        'attributes.site = { checkbox = "s", codes = { 1 = "liver" } }\n'
    )
    [problem] = mistakes(catalog, tmp_path, mapping, "id,day,s___1,s___2\np1,2010-01-01,1,1\n")
    assert (problem.column, problem.hint) == ("s___2", "the checkboxes of s have no code '2'")


VALUES = FILE + (
    'missing = ["-99"]\n[[event]]\nevent = "adverse_event"\nstart = "day"\n[event.attributes]\nterm = "term"\n'
    'serious = { column = "s", codes = { J = true, N = false, "?" = "" } }\n'
    'grade = { column = "g", missing = "9" }\n'
)


def test_values_are_translated_or_missing_as_the_mapping_says(catalog: Catalog, tmp_path: Path) -> None:
    content = "id,day,term,s,g\np1,2010-01-01,-99,J,3\np1,2010-01-02,Pain,?,9\np1,-99,,-99,9\n"
    assert events(catalog, tmp_path, VALUES, content) == [
        {"patient": "p1", "event": "adverse_event", "start": date(2010, 1, 1), "serious": True, "grade": "3"},
        {"patient": "p1", "event": "adverse_event", "start": date(2010, 1, 2), "term": "Pain"},
    ]


def test_a_code_without_a_translation_is_an_error_that_names_the_nearest(catalog: Catalog, tmp_path: Path) -> None:
    [problem] = mistakes(catalog, tmp_path, VALUES, "id,day,term,s,g\np1,2010-01-01,Pain,j,3\n")
    assert (problem.column, problem.found, problem.expected) == ("s", "'j'", "code (J, N, ?)")
    assert problem.hint == "did you mean J?"
    [undeclared] = mistakes(catalog, tmp_path, VALUES, "id,day,term,s,g\np1,2010-01-01,Pain,J,6\n")
    assert (undeclared.column, undeclared.expected) == ("g", "code (1, 2, 3, 4, 5)")


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        ("cGy", "Gy", Fraction(1, 100)),
        ("Gy", "Gy", Fraction(1)),
        ("g/m2", "mg/m2", Fraction(1000)),
        ("mg/dL", "mg/L", Fraction(10)),
        ("ug/kg", "mg/kg", Fraction(1, 1000)),
        ("mcg", "µg", Fraction(1)),
        ("weeks", "days", Fraction(7)),
        ("g", "Gy", None),
        ("mg", "mg/m2", None),
        ("mmol/L", "mg/L", None),
        ("years", "days", None),
    ],
)
def test_units_convert_where_they_measure_the_same(given: str, wanted: str, expected: Fraction | None) -> None:
    assert factor(given, wanted) == expected


def test_conversion_keeps_decimals_exact(catalog: Catalog, tmp_path: Path) -> None:
    dose = 'attributes.dose = { column = "d", unit = "cGy" }\nattributes.fractions = { column = "f", factor = 0.5 }\n'
    mapping = FILE + f'[[event]]\nevent = "radiotherapy"\nstart = "day"\n{dose}'
    [course] = events(catalog, tmp_path, mapping, "id,day,d,f\np1,2010-01-01,5040,10\n")
    assert (course["dose"], course["fractions"]) == (50.4, 5)
    [problem] = mistakes(catalog, tmp_path, mapping, "id,day,d,f\np1,2010-01-01,5040,5\n")
    assert (problem.column, problem.expected) == ("f", "a value that is whole after the conversion")


DEATH = '[[event]]\nevent = "death"\nstart = "day"\n'


@pytest.mark.parametrize(
    ("mapping", "line", "words"),
    [
        ("", None, ["the column with the patient's id", "no table [[event]]"]),
        (FILE, None, ["no table [[event]]"]),
        ('[file]\npatient = "id"\nseperator = ";"\n' + DEATH, 3, ["'seperator'", "did you mean separator?"]),
        (FILE + 'separator = "x"\n' + DEATH, 3, ["'x'", "one of ','"]),
        (FILE + 'imputed_day = "noon"\n' + DEATH, 3, ["'noon'", "'middle'"]),
        (FILE + 'dates = "DD/MM/YY"\n' + DEATH, 3, ["'DD/MM/YY'", "the year as YYYY has to be there once"]),
        (FILE + "missing = { a = 1 }\n" + DEATH, 3, ["a text, or a list of them"]),
        (FILE + '[[event]]\nevent = "deth"\nstart = "day"\n', 4, ["'deth'", "did you mean death?"]),
        (FILE + '[[event]]\nevent = "death"\n', 3, ["no start"]),
        (FILE + '[[event]]\nevent = "death"\nstart = 5\n', 5, ["5", "the name of a column, or a table"]),
        (FILE + DEATH + 'attributes.caus = "c"\n', 6, ["'caus'", "an attribute of death", "did you mean cause?"]),
        (FILE + DEATH + 'attributes.cause = { value = "cancr" }\n', 6, ["'cancr'", "did you mean cancer?"]),
        (
            FILE + DEATH + 'attributes.cause = { column = "day", codes = { 1 = "cancr" } }\n',
            6,
            ["'cancr'", "did you mean cancer?"],
        ),
        (FILE + DEATH + 'attributes.cause = { colum = "day" }\n', 6, ["one of column, value, checkbox"]),
        (FILE + DEATH + 'attributes.cause = { column = "day", unit = "g" }\n', 6, ["only numbers have units"]),
        (FILE + DEATH + 'attributes.cause = { checkbox = "day" }\n', 6, ["what each checkbox stands for"]),
        (FILE + '[[event]]\nevent = "death"\nstart = { days = "day" }\n', 5, ["a column with a date, or a date"]),
        (
            FILE + '[[event]]\nevent = "death"\nstart = { days = "day", from = 2010-01-01, first_day = 2 }\n',
            5,
            ["0, or 1 where the anchor is day 1"],
        ),
        (
            FILE
            + '[[event]]\nevent = "radiotherapy"\nstart = "day"\nattributes.dose = { column = "day", unit = "mg" }\n',
            6,
            ["one that converts to Gy", "factor = 0.1"],
        ),
        (
            FILE
            + '[[event]]\nevent = "laboratory"\nstart = "day"\nattributes.value = { column = "day", unit = "mg" }\n',
            6,
            ["declared without one"],
        ),
        (
            FILE
            + '[[event]]\nevent = "radiotherapy"\nstart = "day"\nattributes.dose = { column = "day", factor = 0 }\n',
            6,
            ["a number other than 0"],
        ),
        (FILE + DEATH.replace('"day"', '"dya"'), 5, ["the column 'dya'", "did you mean day?"]),
        (FILE + DEATH + 'when = { form = "x" }\n', 6, ["the column 'form', which forms.csv does not have"]),
    ],
)
def test_a_mistake_in_the_mapping_is_located(
    catalog: Catalog, tmp_path: Path, mapping: str, line: int | None, words: list[str]
) -> None:
    with pytest.raises(IngestError) as caught:
        events(catalog, tmp_path, mapping, "id,day\np1,2010-01-01\n")
    for word in words:
        assert word in str(caught.value)
    assert caught.value.problems[0].file == "map.toml"
    assert caught.value.problems[0].line == line


def test_all_mistakes_of_a_mapping_are_told_at_once(catalog: Catalog, tmp_path: Path) -> None:
    mapping = FILE + "nonsense = 1\n" + '[[event]]\nevent = "deth"\nstart = "day"\n' + DEATH + 'attributes.x = "y"\n'
    assert [problem.line for problem in mistakes(catalog, tmp_path, mapping)] == [3, 5, 10]


def test_a_text_that_is_no_toml_is_refused_with_its_place(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"this is no TOML: .*line 2"):
        events(catalog, tmp_path, "[file]\npatient =\n", "id\n")


def test_a_column_that_the_mapping_does_not_use_has_to_be_ignored(catalog: Catalog, tmp_path: Path) -> None:
    content = "id,day,note,form_complete\np1,2010-01-01,hello,2\n"
    found = mistakes(catalog, tmp_path, FILE + DEATH, content)
    assert [(problem.file, problem.column) for problem in found] == [
        ("forms.csv", "note"),
        ("forms.csv", "form_complete"),
    ]
    assert len(events(catalog, tmp_path, FILE + 'ignore = ["note", "*_complete"]\n' + DEATH, content)) == 1


def test_values_without_a_start_are_never_skipped(catalog: Catalog, tmp_path: Path) -> None:
    mapping = FILE + DEATH + 'attributes.cause = "c"\n'
    [problem] = mistakes(catalog, tmp_path, mapping, "id,day,c\np1,,cancer\np2,,\np3,2010-01-01,\n")
    assert (problem.line, problem.column, problem.expected) == (2, "day", "a date")


def test_a_file_that_gives_no_event_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="no row of it gives an event"):
        events(catalog, tmp_path, FILE + DEATH, "id,day\np1,\n")
