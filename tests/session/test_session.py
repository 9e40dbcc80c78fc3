"""A session answers what is asked, and again what a new definition changes; nothing else."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from dsl import read_catalog
from dsl.source import Source
from tests.session.conftest import STUDY, submit
from timeline.engine.duckdb import DuckDBEngine
from timeline.errors import QueryError, StoreError
from timeline.log import Log
from timeline.study.reply import Reply, TextError
from timeline.study.results import ColumnResult, EstimateResult, StatisticResult
from timeline.study.session import Session


@pytest.fixture
def studied(session: Session) -> Iterator[Session]:
    submit(session, STUDY)
    return session


def value(reply: Reply) -> object:
    assert reply.found is not None
    (answer,) = reply.found.answers
    assert isinstance(answer, StatisticResult)
    return answer.value


def test_a_statistic_shows_its_value(studied: Session) -> None:
    assert value(submit(studied, "count(operated)")) == 3
    # p1 dies after 100 days, p3 after 200; p2 is censored after 365: S falls to 2/3 and 1/3.
    assert value(submit(studied, "median(os in operated)")) == 200


def test_an_expression_shows_each_patients_value(studied: Session) -> None:
    reply = submit(studied, "os.time")
    assert reply.found is not None
    (answer,) = reply.found.answers
    assert isinstance(answer, ColumnResult)
    assert (answer.known, answer.patients) == (3, 4)
    assert answer.rows == (("p1", 100), ("p2", 365), ("p3", 200), ("p4", None))


def test_an_event_by_itself_stands_for_its_date_and_a_stream_for_its_count(studied: Session) -> None:
    first, many = submit(studied, "first surgery"), submit(studied, "follow_up")
    assert first.found is not None
    assert many.found is not None
    assert first.found.answers[0].rows[0] == ("p1", date(2010, 1, 1))
    assert [count for _, count in many.found.answers[0].rows] == [0, 1, 0, 1]


def test_the_name_of_a_cohort_shows_its_attrition(studied: Session) -> None:
    reply = submit(studied, "operated")
    assert reply.found is not None
    assert [step.remaining for step in reply.found.cohorts[0].steps] == [3]


def test_a_redefinition_answers_again_what_rests_on_it_and_nothing_else(studied: Session) -> None:
    submit(studied, "median(os in operated)")
    submit(studied, "median(liver in operated)")
    reply = submit(studied, "endpoint os\n from (first surgery).start + 10 days\n until death\n last seen follow_up")
    assert reply.replaced == ("os",)
    assert [words for words, _ in reply.again] == ["median(os in operated)"]
    ((_, found),) = reply.again
    assert found.answers[0].value == 200 - 10


def test_what_moving_in_the_log_changes_is_not_put_down_to_a_definition(studied: Session) -> None:
    submit(studied, "count(operated)")
    studied.go_to(4)
    assert submit(studied, "let operation = first surgery").again == ()


def test_a_file_that_redefines_answers_again_what_rests_on_it(studied: Session, tmp_path: Path) -> None:
    submit(studied, "median(os in operated)")
    file = tmp_path / "later.tql"
    file.write_text("endpoint os\n    from (first surgery).start + 10 days\n    until death\n    last seen follow_up\n")
    ((words, found),) = studied.load(file).again
    assert words == "median(os in operated)"
    assert found.answers[0].value == 200 - 10


def test_a_redefinition_that_is_stopped_changes_nothing(studied: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(studied, "median(os in operated)")
    before = studied.text
    changed = "endpoint os\n from (first surgery).start + 10 days\n until death\n last seen follow_up"
    with monkeypatch.context() as stopped:
        stopped.setattr(DuckDBEngine, "materialise", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            submit(studied, changed)
        with pytest.raises(KeyboardInterrupt):
            submit(studied, "estimate liver in operated")
    assert studied.text == before
    assert value(submit(studied, "median(os in operated)")) == 200
    assert [words for words, _ in submit(studied, changed).again] == ["median(os in operated)"]


def test_what_rests_on_a_redefined_name_is_named(studied: Session) -> None:
    submit(studied, "cohort early from operated\n require os.time < 1 year")
    reply = submit(studied, "endpoint os\n from (first surgery).start + 1 day\n until death")
    assert reply.changed == ("early",)


def test_the_same_definition_in_other_words_changes_nothing(studied: Session) -> None:
    submit(studied, "median(os in operated)")
    reply = submit(studied, 'endpoint os "Overall survival" from first surgery until death last seen follow_up')
    assert reply.replaced == ()
    assert reply.again == ()


def test_what_is_known_is_not_asked_of_the_engine_again(studied: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(studied, "median(os in operated)")
    monkeypatch.setattr(studied.engine, "query", lambda sql: pytest.fail(f"asked again: {sql}"))
    assert value(submit(studied, "median(os  in  operated)")) == 200


def test_rows_that_are_there_serve_further_questions(studied: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(studied, "median(os in operated)")
    monkeypatch.setattr(studied.engine, "materialise", lambda name, sql: pytest.fail(f"computed again: {sql}"))
    assert value(submit(studied, "survival(os in operated at 150 days)")) == pytest.approx(2 / 3)


def test_an_analysis_is_answered_and_stays_in_the_study(studied: Session) -> None:
    reply = submit(studied, "estimate os in operated at 150 days")
    assert reply.found is not None
    assert isinstance(reply.found.analyses[0], EstimateResult)
    assert "estimate os in operated" in studied.text
    assert len(studied.run().analyses) == 1


def test_a_text_with_an_error_changes_nothing(studied: Session) -> None:
    before = studied.text
    with pytest.raises(TextError) as refused:
        submit(studied, "endpoint os\n from first surgry\n until death")
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.span is not None
    assert diagnostic.span.text == "surgry"
    assert diagnostic.span.source.name == "<prompt>"
    assert studied.text == before


def test_a_redefinition_that_breaks_what_rests_on_it_is_refused(studied: Session) -> None:
    submit(studied, "cohort early from operated\n require os.time < 1 year")
    with pytest.raises(TextError):
        submit(studied, "let os = first surgery")
    assert value(submit(studied, "count(early)")) == 3  # 365 days are less than a year of 365.25


def test_a_keyword_with_a_slip_is_taken_for_a_statement(studied: Session) -> None:
    with pytest.raises(TextError, match="did you mean `cohort`"):
        submit(studied, "cohrt all")


def test_an_unknown_name_is_told_with_the_nearest(studied: Session) -> None:
    with pytest.raises(QueryError, match="did you mean `operated`"):
        studied.definition("opperated")


def test_the_text_keeps_comments_and_later_definitions_stand_in_place(studied: Session) -> None:
    submit(studied, 'cohort operated "All operated on"\n    index first surgery  # the first')
    assert studied.text.startswith('# who was operated on\ncohort operated "All operated on"')
    assert "# the first\n" in studied.text
    assert studied.text.count("cohort operated") == 1


def test_a_study_of_one_file_has_the_text_and_the_hash_of_the_file(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "study.tql"
    file.write_text(f"{STUDY}\nestimate os in operated\n", encoding="utf-8")
    session.load(file)
    assert session.text == file.read_text(encoding="utf-8")
    assert session.run().provenance.query == str(file)


def test_a_session_stays_at_its_position_until_it_is_told_to_move(studied: Session, store: Path) -> None:
    assert value(submit(studied, "count(operated)")) == 3
    row = {"patient": ["p5"], "event": ["surgery"], "start": [date(2010, 1, 1)], "site": ["lung"]}
    Log.open(store).append(pa.table(row), source="later")
    assert value(submit(studied, "count(operated where any surgery)")) == 3
    studied.go_to(None)
    assert value(submit(studied, "count(operated)")) == 4
    studied.go_to(4)
    assert value(submit(studied, "count(operated)")) == 2


def test_a_position_that_the_log_has_not_reached_is_refused_and_the_session_stays(studied: Session) -> None:
    with pytest.raises(StoreError, match="no position 99"):
        studied.go_to(99)
    assert value(submit(studied, "count(operated)")) == 3


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that an engine runs from now on, whichever it is."""
    told: list[str] = []
    query, materialise = DuckDBEngine.query, DuckDBEngine.materialise
    monkeypatch.setattr(DuckDBEngine, "query", lambda self, sql: (told.append(sql), query(self, sql))[1])
    monkeypatch.setattr(
        DuckDBEngine, "materialise", lambda self, name, sql: (told.append(sql), materialise(self, name, sql))[1]
    )
    return told


def test_going_back_to_a_position_computes_nothing_again(studied: Session, ran: list[str]) -> None:
    questions = ("median(os in operated)", "operated", "compare os in operated by any surgery where site = liver")
    there = [submit(studied, asked).found for asked in questions]
    studied.go_to(4)
    assert value(submit(studied, "count(operated)")) == 2
    del ran[:]
    studied.go_to(7)
    assert [submit(studied, asked).found for asked in questions] == there
    assert ran == []
    assert value(submit(studied, "median(liver in operated)")) is not None
    assert ran != []  # what was not asked there before is computed there now


def test_what_changed_while_away_is_all_that_is_computed_on_return(studied: Session, ran: list[str]) -> None:
    submit(studied, "median(os in operated)")
    submit(studied, "median(liver in operated)")
    studied.go_to(4)
    submit(studied, "endpoint os\n from (first surgery).start + 10 days\n until death\n last seen follow_up")
    studied.go_to(7)
    del ran[:]
    assert value(submit(studied, "median(liver in operated)")) == 100  # p1 dies after 100 days, p3 after 200
    assert ran == []
    assert value(submit(studied, "median(os in operated)")) == 200 - 10
    assert ran != []


def test_a_day_and_a_position_that_see_the_same_log_share_their_results(studied: Session, ran: list[str]) -> None:
    submit(studied, "median(os in operated)")
    del ran[:]
    studied.go_to(date(2999, 1, 1))
    assert value(submit(studied, "median(os in operated)")) == 200
    assert ran == []


def test_a_moment_before_a_declaration_that_the_study_reads_is_refused(studied: Session) -> None:
    studied.log.declare(read_catalog("event relapse\n"))
    row = {"patient": ["p1"], "event": ["relapse"], "start": [date(2010, 2, 1)]}
    studied.log.append(pa.table(row), source="later")
    studied.go_to(None)
    submit(studied, "let first_relapse = first relapse")
    with pytest.raises(TextError, match="relapse"):
        studied.go_to(4)
    assert studied.at == 8
    assert value(submit(studied, "count(operated where any relapse)")) == 1


def test_rows_of_definitions_have_plain_columns(studied: Session) -> None:
    submit(studied, "let operation = first surgery")
    endpoint = studied.engine.query(studied.rows("os")).sort_by("patient").to_pylist()
    assert (endpoint[0]["time"], endpoint[0]["cause"], endpoint[3]["excluded"]) == (100, 1, "no origin")
    event = studied.engine.query(studied.rows("operation")).sort_by("patient").to_pylist()
    assert event[1] == {"patient": "p2", "start": date(2010, 1, 1), "end": None, "site": "lung"}


def test_a_closed_session_opens_again_for_the_next_question(studied: Session) -> None:
    submit(studied, "count(operated)")
    studied.close()
    assert value(submit(studied, "median(os in operated)")) == 200


def test_nothing_but_blanks_and_comments_is_nothing(studied: Session) -> None:
    assert studied.submit(Source("  # only a remark\n")) == Reply()
