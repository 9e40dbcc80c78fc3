"""The SQL beside the language's own definition gives the same endpoint."""

import re
from pathlib import Path

import duckdb
import pytest
from lifelines import KaplanMeierFitter

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "coming-from.md"


def test_the_sql_on_the_page_gives_the_endpoint_of_the_definition(tmp_path: Path) -> None:
    import dsl
    from dsl.source import Source
    from timeline.ingest import import_file
    from timeline.library import Library
    from timeline.log import Log
    from timeline.study.run import run_study

    text = PAGE.read_text(encoding="utf-8")
    (sql,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    (definition,) = re.findall(r"```tql\n(.*?)```", text, re.DOTALL)
    events = ROOT / "fixtures" / "m1" / "events.csv"
    connection = duckdb.connect()
    connection.execute("CREATE TABLE events AS SELECT * FROM read_csv(?, all_varchar = true)", [str(events)])
    connection.execute("ALTER TABLE events ALTER start TYPE DATE")
    rows = connection.execute(sql).fetchdf()

    from dsl.catalog import Catalog

    query = definition + "\ncohort all_patients index clearance\nestimate rfs in all_patients\n"
    checked = dsl.check(Source(query, "page.tql"), Catalog(), Library())
    log = Log.create(tmp_path / "store", checked.program.catalog)
    import_file(log, events)
    (estimate,) = run_study(checked, log).analyses
    group = estimate.group  # type: ignore[union-attr]
    assert group is not None
    assert group.n == len(rows) == 40
    assert group.events == int(rows["happened"].sum())
    by_hand = KaplanMeierFitter().fit(rows["days"], rows["happened"])
    assert group.median.time == pytest.approx(by_hand.median_survival_time_)
