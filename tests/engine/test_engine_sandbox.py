"""What an analyst's query may do: read the log. Everything else is refused, and nothing is written."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from timeline.engine.duckdb import DuckDBEngine
from timeline.errors import EngineError
from timeline.log import Log, verify

MakeEvents = Callable[..., pa.Table]


@pytest.fixture
def engine(log: Log, make_events: MakeEvents, tmp_path: Path) -> Iterator[DuckDBEngine]:
    (tmp_path / "secret.csv").write_text("password\nhunter2\n")
    log.append(make_events({"patient": "a", "r_status": "R0"}), source="registry")
    with DuckDBEngine(log.snapshot()) as opened:
        opened.materialise("kept", "SELECT 1 AS one")
        yield opened


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


REFUSED = [
    "COPY (SELECT 1) TO '{store}/data/out.parquet'",
    "COPY (SELECT 1) TO '{outside}/out.csv'",
    "WITH written AS (COPY (SELECT 1) TO '{store}/data/out.parquet') SELECT * FROM written",
    "WITH gone AS (DELETE FROM study.kept RETURNING *) SELECT * FROM gone",
    "WITH more AS (INSERT INTO study.kept VALUES (2) RETURNING *) SELECT * FROM more",
    "WITH other AS (UPDATE study.kept SET one = 2 RETURNING *) SELECT * FROM other",
    "CREATE TABLE study.mine AS SELECT 1",
    "CREATE VIEW log.mine AS SELECT 1",
    "DROP VIEW log.surgery",
    "DROP TABLE study.kept",
    "INSERT INTO study.kept VALUES (2)",
    "ATTACH '{outside}/mine.db'",
    "EXPORT DATABASE '{store}/data/export'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '100GB'",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CHECKPOINT",
    "BEGIN TRANSACTION",
    "PREPARE mine AS SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE study.kept",
    "",
    "-- nothing",
    "SELECT * FROM read_csv('{outside}/secret.csv')",
    "SELECT * FROM read_text('{outside}/secret.csv')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_parquet('{store}/data/*.parquet')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM '{outside}/secret.csv'",
    "SELECT * FROM sniff_csv('{outside}/secret.csv')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('study.kept')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM 'https://example.org/data.csv'",
    "SELECT (SELECT count(*) FROM read_text('/etc/passwd'))",
    "SELECT * FROM (SELECT 1) WHERE EXISTS (SELECT 1 FROM glob('/*'))",
    "WITH a AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM a",
    "SELECT getenv('HOME')",
    "SELECT * FROM outsider",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_what_does_more_than_read_the_log_is_refused(engine: DuckDBEngine, log: Log, tmp_path: Path, sql: str) -> None:
    outsider = pa.table({"secret": [1]})
    assert outsider.num_rows == 1
    before = everything(tmp_path)
    text = sql.format(store=log.path.as_posix().replace("'", "''"), outside=tmp_path.as_posix())
    for attempt in (engine.query, engine.explain, lambda text: engine.materialise("mine", text)):
        with pytest.raises(EngineError):
            attempt(text)
    assert everything(tmp_path) == before
    assert engine.query("SELECT one FROM study.kept")["one"].to_pylist() == [1]
    assert engine.query("SELECT patient FROM log.surgery")["patient"].to_pylist() == ["a"]
    assert verify(log.path).ok


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS n FROM log.surgery",
        "FROM log.surgery SELECT count(*) AS n",
        "WITH s AS (SELECT * FROM log.surgery) SELECT count(*) AS n FROM s",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 1) SELECT max(n) AS n FROM t",
        "SELECT 1 AS n INTERSECT SELECT count(*) FROM log.patients",
        "SELECT count(*) AS n FROM range(1)",
        "SELECT count(*) AS n FROM (SELECT unnest([1])) WHERE (SELECT count(*) FROM study.kept) = 1",
        "SELECT count(*) AS n FROM log.surgery;",
        'SELECT count(*) AS n FROM "LOG"."Surgery"',
    ],
)
def test_a_query_of_the_log_may_take_any_form(engine: DuckDBEngine, sql: str) -> None:
    assert engine.query(sql)["n"].to_pylist() == [1]


def test_the_connection_is_closed_and_bounded_before_a_query_runs(engine: DuckDBEngine, log: Log) -> None:
    def setting(name: str) -> object:
        return engine.query(f"SELECT current_setting('{name}') AS value")["value"].to_pylist()[0]

    assert setting("enable_external_access") is False
    assert setting("lock_configuration") is True
    temporary = Path(str(setting("temp_directory")))
    allowed = setting("allowed_directories")
    assert isinstance(allowed, list)
    assert sorted(allowed) == sorted([f"{temporary}/", f"{log.path.resolve() / 'data'}/"])
    assert temporary.is_dir()
    assert log.path not in temporary.parents
    unbounded = duckdb.connect().sql("SELECT current_setting('memory_limit')").fetchall()
    assert setting("memory_limit") != unbounded[0][0]


def test_a_query_that_needs_much_memory_uses_its_own_folder(log: Log) -> None:
    with DuckDBEngine(log.snapshot(), memory_limit="60MB") as engine:
        sorted_ = "SELECT count(*) AS n FROM (SELECT hash(range) AS h FROM range(5_000_000) ORDER BY h OFFSET 1)"
        assert engine.query(sorted_)["n"].to_pylist() == [4_999_999]
        with pytest.raises(EngineError, match="needs more memory"):
            engine.query("SELECT list(range || 'some text to fill the memory with') FROM range(20_000_000)")
        assert engine.query("SELECT 1 AS n")["n"].to_pylist() == [1]


TEXTS = [
    "it's",
    'a "b"; DROP TABLE x',
    "nul\0nul",
    "line\nbreak\r\n",
    "\N{GRINNING FACE} Müller",
    "' OR 1=1 --",
    "\\",
    "%s",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_and_patients_come_out_unchanged(log: Log, make_events: MakeEvents, text: str) -> None:
    log.append(make_events({"patient": text, "event": "laboratory", "analyte": text}), source="registry")
    log.append(make_events({"patient": text, "event": "laboratory", "analyte": "x"}), source="registry")
    log.amend({"e2": {"analyte": text + "."}}, reason=text or "reason")
    with DuckDBEngine(log.snapshot()) as engine:
        rows = engine.query("SELECT patient, analyte FROM log.laboratory ORDER BY position").to_pylist()
        assert rows == [{"patient": text, "analyte": text}, {"patient": text, "analyte": text + "."}]
        assert engine.query("SELECT * FROM log.patients")["patient"].to_pylist() == [text]


def test_an_attribute_or_event_may_be_named_like_a_word_of_sql(tmp_path: Path, make_events: MakeEvents) -> None:
    from dsl.catalog import Attribute, Catalog, EventType
    from dsl.types import Text

    catalog = Catalog((EventType("select", (Attribute("column", Text()), Attribute("group", Text()))),))
    log = Log.create(tmp_path / "words", catalog)
    log.append(make_events({"event": "select", "column": "x", "group": "y"}), source="registry")
    log.amend({"e1": {"group": "z"}}, reason="audit")
    with DuckDBEngine(log.snapshot()) as engine:
        assert engine.query('SELECT "column", "group" FROM log."select"').to_pylist() == [{"column": "x", "group": "z"}]
