"""Any program that knows Delta tables reads the store, and may tidy it up."""

import pyarrow as pa
from deltalake import DeltaTable
from log_support import MakeEvents

from timeline.events import storage_schema
from timeline.log import Log, layout, verify
from timeline.log.rows import as_read


def fill(log: Log, make_events: MakeEvents, commits: int) -> None:
    for number in range(commits):
        log.append(make_events({"patient": f"p{number}", "site": "liver"}, {"event": "death"}), source="visit")


def test_the_delta_library_reads_every_version(log: Log, make_events: MakeEvents) -> None:
    fill(log, make_events, 5)
    log.amend({"e1": {"site": "rectum"}}, reason="audit")
    for version in range(6):
        positions = pa.table(DeltaTable(str(log.path), version=version).scan())["position"].to_pylist()
        assert sorted(positions) == list(range(1, 2 * version + 1))
    table = DeltaTable(str(log.path))
    assert pa.schema(table.schema().to_arrow()) == storage_schema(log.catalog)
    assert table.metadata().configuration == layout.CONFIGURATION
    read = as_read(pa.table(table.scan()).cast(storage_schema(log.catalog)).sort_by("position"))
    assert read.equals(log.entries())
    operations = [entry["operation"] for entry in table.history()]
    assert operations == ["WRITE"] * 6 + ["CREATE TABLE"]


def test_the_delta_library_reads_past_checkpoints_merges_and_declarations(log: Log, make_events: MakeEvents) -> None:
    fill(log, make_events, 2 * layout.CHECKPOINT_INTERVAL)
    log.compact()
    read = pa.table(DeltaTable(str(log.path)).scan())
    assert sorted(read["position"].to_pylist()) == list(range(1, log.position + 1))
    assert DeltaTable(str(log.path)).version() > 2 * layout.CHECKPOINT_INTERVAL


def test_another_program_may_merge_files(log: Log, make_events: MakeEvents) -> None:
    fill(log, make_events, 6)
    log.amend({"e1": {"site": "rectum"}}, reason="audit")
    before = log.entries()
    DeltaTable(str(log.path)).optimize.compact()
    assert log.entries().equals(before)
    assert Log.open(log.path).entries().equals(before)
    checked = verify(log.path)
    assert checked.ok, checked.findings
    assert log.append(make_events({}), source="visit").first == 14
    log.compact()
    assert log.entries().slice(0, 13).equals(before)
    checked = verify(log.path)
    assert checked.ok, checked.findings


def test_another_program_may_clean_up_what_a_merge_replaced(log: Log, make_events: MakeEvents) -> None:
    fill(log, make_events, 6)
    log.compact()
    before, files = log.entries(), len(list((log.path / "data").iterdir()))
    removed = DeltaTable(str(log.path)).vacuum(0, dry_run=False, enforce_retention_duration=False)
    assert len(removed) == files - len(log.snapshot().files) > 0
    assert Log.open(log.path).entries().equals(before)
    checked = verify(log.path)
    assert checked.ok, checked.findings
    assert log.append(make_events({}), source="visit").first == before.num_rows + 1


def test_another_program_may_not_take_events_away(log: Log, make_events: MakeEvents) -> None:
    fill(log, make_events, 2)
    version = DeltaTable(str(log.path)).version()
    path = layout.commit_file(log.path, version + 1)
    add = layout.commit_file(log.path, version).read_text().split("\n")[0]
    removal = add.replace('{"add":', '{"remove":').replace('"modificationTime"', '"deletionTimestamp"')
    path.write_text('{"commitInfo":{"timestamp":1,"operation":"DELETE"}}\n' + removal)
    findings = [str(finding) for finding in verify(log.path).findings]
    assert f"commit {version + 1}: another program changed the data" in findings
    assert any("the entries from position 3 on are missing" in finding for finding in findings)
