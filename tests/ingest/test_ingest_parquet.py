"""Parquet files of many pages and groups of rows: words are put together from many places, and none is mixed up."""

from datetime import date
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsl.catalog import Catalog
from timeline.engine.duckdb import DuckDBEngine
from timeline.ingest import import_file, parquet
from timeline.log import Log, append, verify, write

ROWS = 25_000
COLUMNS = ["patient", "event", "site", "start"]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS", 4_000)
    monkeypatch.setattr(append, "CHUNK", 4_000)
    monkeypatch.setattr(write, "ROW_GROUP", 500)
    monkeypatch.setattr(write, "_ENOUGH", 250)


def events(seed: int) -> pa.Table:
    """Patients in no order, event types of which some begin late, and an attribute that is known late."""
    chance = Random(seed)
    kinds = [("surgery", "liver"), ("surgery", "rectum"), ("surgery", None), ("death", None), ("follow_up", None)]
    rows = []
    for number in range(ROWS):
        event, site = chance.choice(kinds) if number > 9_000 else ("death", None)
        rows.append((f"p{chance.randrange(9_000)}", event, site, date(2010, 1, chance.randint(1, 28))))
    return pa.table([pa.array(column) for column in zip(*rows, strict=True)], names=COLUMNS)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("coded", [True, False], ids=["words", "plain"])
def test_a_file_of_many_groups_comes_through_whole(catalog: Catalog, tmp_path: Path, coded: bool) -> None:
    table = events(seed=7)
    file = tmp_path / "events.parquet"
    pq.write_table(table, file, row_group_size=3_000, use_dictionary=coded)
    log = Log.create(tmp_path / "store", catalog)
    import_file(log, file)
    found = log.entries()
    assert found.select(COLUMNS).equals(table.cast(found.select(COLUMNS).schema))
    assert found["source"].to_pylist() == [f"events.parquet:{row}" for row in range(1, ROWS + 1)]
    assert found["event_id"].to_pylist() == [f"e{position}" for position in range(1, ROWS + 1)]
    assert verify(log.path).ok


def test_rows_with_long_texts_come_in_smaller_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"patient": [f"{number:0500}" for number in range(2_000)]})
    pq.write_table(table, tmp_path / "long.parquet", row_group_size=300)
    monkeypatch.setattr(parquet, "SIZE", 200_000)
    pages = list(parquet.ParquetSource(tmp_path / "long.parquet", "long.parquet").pages())
    # 200,000 bytes hold 400 texts of 500 bytes, and what is put together is less than twice as much.
    assert max(page.rows for page in pages) < 800
    assert sum(page.rows for page in pages) == 2_000
    assert pa.concat_arrays([page.column("patient") for page in pages]).equals(table["patient"].combine_chunks())


@pytest.mark.usefixtures("small_pages")
def test_a_query_sees_the_rows_of_its_type_with_their_ids(catalog: Catalog, tmp_path: Path) -> None:
    table = events(seed=8)
    pq.write_table(table, tmp_path / "events.parquet", row_group_size=3_000)
    log = Log.create(tmp_path / "store", catalog)
    import_file(log, tmp_path / "events.parquet")
    with DuckDBEngine(log.snapshot()) as engine:
        seen = engine.query("SELECT event_id, patient, site FROM log.surgery ORDER BY position").to_pylist()
    numbered = enumerate(table.to_pylist(), start=1)
    assert seen == [
        {"event_id": f"e{position}", "patient": row["patient"], "site": row["site"]}
        for position, row in numbered
        if row["event"] == "surgery"
    ]


@pytest.mark.usefixtures("small_pages")
def test_rows_are_numbered_anew_when_another_writer_was_faster(catalog: Catalog, tmp_path: Path) -> None:
    table = events(seed=9)
    pq.write_table(table, tmp_path / "events.parquet", row_group_size=3_000)
    log = Log.create(tmp_path / "store", catalog)
    first = pa.table({"patient": ["q"], "event": ["death"], "start": [date(2011, 1, 1)]})
    others: list[int] = []

    def meanwhile(count: int, done: float) -> None:
        if not others:
            others.append(Log.open(log.path).append(first, source="faster").position)

    import_file(log, tmp_path / "events.parquet", progress=meanwhile)
    found = log.entries()
    assert found["event_id"].to_pylist() == [f"e{position}" for position in range(1, ROWS + 2)]
    assert found["patient"].to_pylist() == ["q", *table["patient"].to_pylist()]
    assert found["source"].to_pylist()[-1] == f"events.parquet:{ROWS}"
    assert verify(log.path).ok
