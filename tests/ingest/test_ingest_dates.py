"""Dates as files write them: whole ones, partial ones, and the day that these take."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from dsl.catalog import Catalog
from timeline.errors import IngestError
from timeline.ingest import read_events
from timeline.ingest.dates import DatePattern, Dates, Imputed


@pytest.mark.parametrize(
    ("pattern", "text", "day"),
    [
        ("YYYY-MM-DD", "2010-06-05", date(2010, 6, 5)),
        ("DD/MM/YYYY", "05/06/2010", date(2010, 6, 5)),
        ("MM/DD/YYYY", "06/05/2010", date(2010, 6, 5)),
        ("D.M.YYYY", "5.6.2010", date(2010, 6, 5)),
        ("D.M.YYYY", "05.06.2010", date(2010, 6, 5)),
        ("YYYYMMDD", "20100605", date(2010, 6, 5)),
        ("DD-MON-YYYY", "05-jun-2010", date(2010, 6, 5)),
        ("YYYY-MM-DD hh:mm", "2010-06-05 23:59", date(2010, 6, 5)),
        ("YYYY-MM-DDThh:mm:ss", "2010-06-05T23:59:59", date(2010, 6, 5)),
    ],
)
def test_a_pattern_says_how_dates_are_written(pattern: str, text: str, day: date) -> None:
    known = DatePattern(pattern).read(text)
    assert known is not None
    assert (known.first, known.precision) == (day, "day")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("YYYY-MM-DD", "05/06/2010"),
        ("YYYY-MM-DD", "2010-6-5"),
        ("YYYY-MM-DD", "2010-02-30"),
        ("DD/MM/YYYY", "31/04/2010"),
        ("DD/MM/YYYY", "05/06/10"),
        ("DD/MM/YYYY", "05/UN/2010"),
        ("DD-MON-YYYY", "05-Foo-2010"),
        ("DD-MON-YYYY", "Foo-2010"),
        ("YYYY-MM-DD", "0000"),
    ],
)
def test_what_a_pattern_does_not_say_is_no_date(pattern: str, text: str) -> None:
    assert DatePattern(pattern).read(text) is None


@pytest.mark.parametrize(
    ("pattern", "text", "precision"),
    [
        ("YYYY-MM-DD", "2010-02", "month"),
        ("YYYY-MM-DD", "2010-02-UN", "month"),
        ("YYYY-MM-DD", "2010-02-00", "month"),
        ("YYYY-MM-DD", "2010", "year"),
        ("YYYY-MM-DD", "2010-XX-XX", "year"),
        ("DD/MM/YYYY", "02/2010", "month"),
        ("DD/MM/YYYY", "??/02/2010", "month"),
        ("D.M.YYYY", "2.2010", "month"),
        ("YYYYMMDD", "201002", "month"),
        ("DD-MON-YYYY", "Feb-2010", "month"),
        ("DD-MON-YYYY", "UN-UNK-2010", "year"),
        ("YYYY-MM-DD hh:mm", "2010-02", "month"),
    ],
)
def test_a_partial_date_is_known_to_the_month_or_the_year(pattern: str, text: str, precision: str) -> None:
    known = DatePattern(pattern).read(text)
    assert known is not None
    assert known.precision == precision
    assert known.first == (date(2010, 2, 1) if precision == "month" else date(2010, 1, 1))


@pytest.mark.parametrize(
    ("rule", "month", "year"),
    [
        (Imputed.FIRST, date(2012, 2, 1), date(2012, 1, 1)),
        (Imputed.MIDDLE, date(2012, 2, 15), date(2012, 7, 1)),
        (Imputed.LAST, date(2012, 2, 29), date(2012, 12, 31)),
    ],
)
def test_a_partial_date_takes_the_stated_day(rule: Imputed, month: date, year: date) -> None:
    pattern = DatePattern("YYYY-MM-DD")
    found = [pattern.read(text) for text in ("2012-02", "2012", "2012-02-03")]
    assert [known and known.imputed(rule) for known in found] == [month, year, date(2012, 2, 3)]


@pytest.mark.parametrize("pattern", ["DD/MM/YY", "YYYY-MM", "YYYY-DD-DD-MM", "YYYY-MM-DD Q", "MM/DD"])
def test_a_pattern_without_year_month_and_day_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError):
        DatePattern(pattern)


def test_the_first_pattern_that_fits_reads_the_date() -> None:
    dates = Dates((DatePattern("DD/MM/YYYY"), DatePattern("YYYY-MM-DD")))
    assert dates.words == "DD/MM/YYYY or YYYY-MM-DD"
    found = [dates.read(text) for text in ("01/02/2010", "2010-02-01")]
    assert [known and known.first for known in found] == [date(2010, 2, 1)] * 2


def read(catalog: Catalog, folder: Path, content: str) -> pa.Table:
    file = folder / "events.csv"
    file.write_text(content)
    return read_events(file, catalog)


def test_plain_files_keep_partial_dates_and_take_their_middle(catalog: Catalog, tmp_path: Path) -> None:
    table = read(catalog, tmp_path, "patient,event,start\np1,death,2010-06\np2,death,2010\np3,death,2010-06-01\n")
    assert table["start"].to_pylist() == [date(2010, 6, 15), date(2010, 7, 1), date(2010, 6, 1)]
    assert table["start_precision"].to_pylist() == ["month", "year", "day"]
    assert table["end_precision"].to_pylist() == [None] * 3


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2010-06-20", "2010-06", ("2010-06-20", "2010-06-20")),
        ("2010-06", "2010-06-10", ("2010-06-10", "2010-06-10")),
        ("2010-09-01", "2010", ("2010-09-01", "2010-09-01")),
        ("2010-06", "2010", ("2010-06-15", "2010-07-01")),
        ("2010", "2010-02", ("2010-02-15", "2010-02-15")),
    ],
)
def test_an_imputed_day_does_not_put_the_end_before_the_start(
    catalog: Catalog, tmp_path: Path, start: str, end: str, days: tuple[str, str]
) -> None:
    table = read(catalog, tmp_path, f"patient,event,start,end\np1,radiotherapy,{start},{end}\n")
    [row] = table.to_pylist()
    assert (row["start"].isoformat(), row["end"].isoformat()) == days


def test_an_end_in_an_earlier_month_is_still_before_the_start(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="a day on or after the start, 2010-06-20"):
        read(catalog, tmp_path, "patient,event,start,end\np1,radiotherapy,2010-06-20,2010-05\n")


def test_an_attribute_takes_whole_dates_only(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="only start and end keep how much of a date is known"):
        read(catalog, tmp_path, "patient,event,start,birth_date\np1,registration,2010-06-20,1950\n")
