"""Any sequence of operations leaves the log as a plain list of entries would be, at every position and time."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from log_support import VOCABULARY, Clock

from dsl.catalog import Attribute, Catalog, EventType
from dsl.types import Integer
from timeline.engine.duckdb import DuckDBEngine
from timeline.log import Log, verify

PATIENTS = st.sampled_from(["p1", "p2", "it's; \0 \N{GRINNING FACE}"])
DAYS = st.dates(date(2010, 1, 1), date(2010, 1, 5))
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32)
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3)

SURGERIES = st.fixed_dictionaries(
    {
        "event": st.just("surgery"),
        "patient": PATIENTS,
        "start": DAYS,
        "site": st.sampled_from([None, "rectum", "liver"]),
        "r_status": st.sampled_from([None, "R0", "R1"]),
    }
)
LABORATORIES = st.fixed_dictionaries(
    {
        "event": st.just("laboratory"),
        "patient": PATIENTS,
        "start": DAYS,
        "value": NUMBERS,
        "analyte": TEXTS,
        "fasting": st.sampled_from([None, True, False]),
    }
)
BATCHES = st.lists(SURGERIES | LABORATORIES, min_size=1, max_size=5)

SHOWN = ("event", "patient", "start", "site", "r_status", "value", "analyte", "fasting")


class LogMachine(RuleBasedStateMachine):
    """The log beside a model: every entry in a list, the current version of an event by its id."""

    @initialize()
    def create(self) -> None:
        self.folder = Path(mkdtemp(prefix="timeline-test-"))
        self.clock = Clock()
        self.log = Log.create(self.folder / "store", VOCABULARY, clock=self.clock)
        self.entries: list[dict[str, Any]] = []
        self.times: list[tuple[datetime, int]] = [(self.clock.now, 0)]
        self.heads = [self.log.head]
        self.declared = 0

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            checked = verify(self.folder / "store", noted=self.heads[-1])
            shutil.rmtree(self.folder)
            assert checked.ok, [str(finding) for finding in checked.findings]
            assert (checked.head, checked.position) == (self.heads[-1], len(self.entries))

    @rule(batch=BATCHES)
    def append(self, batch: list[dict[str, Any]]) -> None:
        columns = sorted({name for row in batch for name in row})
        table = pa.Table.from_pylist([{**dict.fromkeys(columns), **row} for row in batch])
        commit = self.log.append(table, source="test")
        assert commit.first == len(self.entries) + 1
        for row in batch:
            event_id = f"e{len(self.entries) + 1}"
            self.entries.append({**row, "event_id": event_id, "operation": "record"})
        self.note(commit.recorded_at)

    @precondition(lambda self: self.standing())
    @rule(data=st.data())
    def amend(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(self.standing()))
        # A day of its own for each entry, since an amendment that changes nothing is refused.
        changed = {"start": date(2011, 1, 1) + timedelta(days=len(self.entries))}
        commit = self.log.amend({event["event_id"]: changed}, reason="test")
        self.entries.append({**event, **changed, "operation": "amend"})
        self.note(commit.recorded_at)

    @precondition(lambda self: self.standing())
    @rule(data=st.data())
    def retract(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(self.standing()))
        commit = self.log.retract([event["event_id"]], reason="test")
        kept = {name: event[name] for name in ("event", "patient", "start", "event_id")}
        self.entries.append({**kept, "operation": "retract"})
        self.note(commit.recorded_at)

    @rule()
    def compact(self) -> None:
        self.log.compact()

    @rule()
    def declare(self) -> None:
        self.declared += 1
        event = EventType(f"visit_{self.declared}", (Attribute(f"score_{self.declared}", Integer()),))
        commit = self.log.declare(Catalog((event,)))
        self.note(commit.recorded_at)

    @rule()
    def open_again(self) -> None:
        self.log = Log.open(self.log.path, clock=self.clock)

    @rule(data=st.data())
    def read_at_a_position(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(self.entries)))
        with DuckDBEngine(self.log.snapshot(position=position)) as engine:
            assert self.seen_by(engine) == self.current(position)

    @rule(data=st.data())
    def read_as_known(self, data: st.DataObject) -> None:
        moment, position = data.draw(st.sampled_from(self.times))
        assert self.log.snapshot(known_by=moment).position == position

    @invariant()
    def the_log_is_the_list(self) -> None:
        if not hasattr(self, "folder"):
            return
        found = self.log.entries()
        assert found["position"].to_pylist() == list(range(1, len(self.entries) + 1))
        keys = ("event_id", "operation", *SHOWN)
        rows = [{key: row[key] for key in keys} for row in found.to_pylist()]
        assert rows == [{key: entry.get(key) for key in keys} for entry in self.entries]
        assert self.log.head == self.heads[-1]

    def note(self, moment: datetime) -> None:
        self.times.append((moment, len(self.entries)))
        assert self.log.head not in self.heads
        self.heads.append(self.log.head)

    def standing(self) -> list[dict[str, Any]]:
        return list(self.replayed(len(self.entries)).values())

    def replayed(self, position: int) -> dict[str, dict[str, Any]]:
        """The version in force of each event after the first entries, by event id."""
        state: dict[str, dict[str, Any]] = {}
        for entry in self.entries[:position]:
            state[entry["event_id"]] = entry
        return {event_id: entry for event_id, entry in state.items() if entry["operation"] != "retract"}

    def current(self, position: int) -> list[tuple[Any, ...]]:
        rows = [
            (entry["event_id"], int(entry["event_id"][1:]), *(entry.get(name) for name in SHOWN))
            for entry in self.replayed(position).values()
        ]
        return sorted(rows, key=lambda row: row[1])

    def seen_by(self, engine: DuckDBEngine) -> list[tuple[Any, ...]]:
        rows = []
        for event in ("surgery", "laboratory"):
            for row in engine.query(f"SELECT * FROM log.{event}").to_pylist():
                shown = {**row, "event": event}
                rows.append((row["event_id"], row["position"], *(shown.get(name) for name in SHOWN)))
        patients = engine.query("SELECT patient FROM log.patients")["patient"].to_pylist()
        assert sorted(patients) == sorted({row[3] for row in rows})
        return sorted(rows, key=lambda row: row[1])


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
