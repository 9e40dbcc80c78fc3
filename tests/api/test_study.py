"""The library in Python: rows in every form, answers, definitions in place, and what goes wrong."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

import timeline
from tests.session.conftest import STUDY, store
from timeline.api.study import Study
from timeline.errors import QueryError, StoreError, StudyError, TimelineError
from timeline.study.reply import TextError

__all__ = ["store"]


@pytest.fixture
def study(store: Path) -> Study:
    found = timeline.open(store).study()
    found.define(STUDY)
    return found


def test_an_endpoint_has_a_row_for_each_patient(study: Study) -> None:
    frame = study.endpoint("os").to_pandas()
    assert list(frame["patient"]) == ["p1", "p2", "p3", "p4"]
    assert list(frame["time"][:3]) == [100, 365, 200]
    assert list(frame["cause"][:3]) == [1, 0, 1]
    assert frame["excluded"][3] == "no origin"
    assert frame["origin"][0] == pd.Timestamp(2010, 1, 1)


def test_rows_are_the_same_in_every_form(study: Study) -> None:
    rows = study.endpoint("os", in_="operated", beside=["operated"])
    table = rows.to_arrow()
    assert table.num_rows == 3
    assert rows.to_polars().to_arrow().to_pylist() == table.to_pylist()
    assert rows.to_batches().read_all().sort_by("patient").to_pylist() == table.to_pylist()
    assert rows.to_duckdb().order("patient").to_arrow_table().to_pylist() == table.to_pylist()
    assert len(rows.to_pandas()) == 3


def test_a_relation_computes_in_the_database(study: Study) -> None:
    assert study.endpoint("os").to_duckdb().aggregate("sum(time)").fetchall() == [(100 + 365 + 200,)]


def test_lifelines_takes_the_frame_as_it_is_and_gives_the_same_median(study: Study) -> None:
    ready = study.endpoint("os", in_="operated").to_lifelines()
    assert ready.to_dict("list") == {"duration": [100, 365, 200], "event": [True, False, True]}
    fitter = KaplanMeierFitter().fit(ready["duration"], ready["event"])
    assert fitter.median_survival_time_ == study.value("median(os in operated)") == 200


def test_a_cohort_knows_its_members_and_who_fell_where(study: Study) -> None:
    cohort = study.cohort("operated")
    assert cohort.patients() == ["p1", "p2", "p3"]
    assert cohort.n == 3
    assert [step.fell for step in cohort.attrition.steps] == [1]
    assert list(cohort.to_pandas()["index"][:1]) == [pd.Timestamp(2010, 1, 1)]


def test_an_event_has_its_attributes_as_columns(study: Study) -> None:
    study.define("let operation = first surgery")
    assert study.rows("operation").to_arrow().to_pylist()[1] == {
        "patient": "p2",
        "start": date(2010, 1, 1),
        "end": None,
        "site": "lung",
    }


def test_estimates_are_those_of_the_language(study: Study) -> None:
    found = study.estimate("os", in_="operated", at="150 days")
    assert found.median == {"all": 200}
    assert found.result.group is not None
    assert found.result.group.survival[0].survival == pytest.approx(2 / 3)
    assert list(found.to_pandas()["survival"]) == pytest.approx([2 / 3, 1 / 3, 1 / 3])
    assert "Overall survival in operated" in str(found)


def test_groups_are_compared_by_any_expression(study: Study) -> None:
    study.define("let operation = first surgery")
    found = study.estimate("os", in_="operated", by="operation.site")
    assert set(found.median) == {"liver", "lung"}
    assert found.p_value is not None


def test_asking_leaves_the_study_as_it_is(study: Study) -> None:
    before = study.text
    study.estimate("os", in_="operated")
    study.value("count(operated)")
    study.analyse("attrition operated")
    assert study.text == before


def test_a_definition_in_place_counts_from_then_on(study: Study) -> None:
    assert study.value("median(os in operated)") == 200
    assert study.define("endpoint os from (first surgery).start + 10 days until death") == ("os",)
    assert study.value("median(os in operated)") == 190  # 200 - 10


def test_parameters_are_given_by_name(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "study.tql"
    file.write_text(f"{STUDY}\nparameter limit = 150 days\ncohort long from operated require os.time > limit\n")
    opened = timeline.open(store)
    assert opened.study(file).value("count(long)") == 2  # 365 and 200 days
    assert opened.study(file, limit="300 days").value("count(long)") == 1


def test_a_store_can_be_opened_as_it_was(store: Path) -> None:
    study = timeline.open(store, at=3).study()
    study.define(STUDY)
    assert study.value("count(operated)") == 2
    with pytest.raises(StoreError, match="no position 99"):
        timeline.open(store, at=99)


def test_a_store_shows_its_events_and_histories(store: Path) -> None:
    opened = timeline.open(store)
    assert opened.events().loc["surgery", "events"] == 3
    assert list(opened.history("p1")["event"]) == ["surgery", "death"]
    assert repr(opened) == f"Store({str(store)!r}, position 7)"
    with pytest.raises(TimelineError, match="no event of a patient 'p9'"):
        opened.history("p9")


def test_what_is_refused_says_why_and_where(study: Study) -> None:
    with pytest.raises(QueryError, match="did you mean `os`"):
        study.endpoint("oss")
    with pytest.raises(QueryError, match="`operated` is no endpoint"):
        study.endpoint("operated")
    with pytest.raises(TextError) as refused:
        study.define("cohort x\n    index first surgry")
    assert "<python>:2:17" in str(refused.value)
    assert refused.value._render_traceback_() == str(refused.value).splitlines()
    with pytest.raises(QueryError, match="a value of each patient"):
        study.value("os.time")
    with pytest.raises(QueryError, match="is no analysis"):
        study.analyse("count(operated)")


def test_a_cohort_without_members_is_told_with_its_steps(study: Study) -> None:
    study.define("cohort nobody from operated require any death before 2000-01-01")
    with pytest.raises(StudyError, match="no member"):
        study.estimate("os", in_="nobody")
    assert study.endpoint("os", in_="nobody").to_pandas().empty


def test_a_study_explains_itself(study: Study, tmp_path: Path) -> None:
    assert "death" in study.explain("os")
    assert "2010-04-11" in study.explain_patient("os", "p1")
    study.save(tmp_path / "saved.tql")
    assert timeline.open(study.session.log.path).study(tmp_path / "saved.tql").names == study.names


def test_a_closed_study_opens_again_when_it_is_asked(store: Path) -> None:
    with timeline.open(store).study() as study:
        study.define(STUDY)
        assert study.value("count(operated)") == 3
    assert study.value("count(operated)") == 3


def test_displays_are_html_and_nothing_from_outside_is_markup(study: Study) -> None:
    study.define('cohort odd "<b>bold</b>" from operated')
    assert "&lt;b&gt;bold" in study.cohort("odd")._repr_html_()
    assert "&lt;b&gt;bold" in study._repr_html_()
    assert "<table>" in study.estimate("os", in_="operated", at="100 days")._repr_html_()
    assert "<td" in study.endpoint("os")._repr_html_()
    assert "position 7" in study.run()._repr_html_()
