"""Files that are cut, missing or changed: what still opens, what is said, what is set aside."""

import json
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from log_support import VOCABULARY, Clock, MakeEvents, events

from timeline.errors import DamageError
from timeline.log import Log, commits, layout, repair, verify


def commit_file(log: Log, version: int) -> Path:
    return layout.commit_file(log.path, version)


def data_file_of(log: Log, version: int) -> Path:
    adds = [json.loads(line) for line in commit_file(log, version).read_text().split("\n")]
    [path] = [action["add"]["path"] for action in adds if "add" in action]
    return log.path / str(path)


def never_acknowledged(log: Log, version: int) -> None:
    """As a power cut may leave it: the note of a version's acknowledgement is not there yet."""
    seal = commits.seal_of(log.path, version - 1)
    layout.acknowledgement_file(log.path).write_text(json.dumps({"version": version - 1, "seal": seal}))


@pytest.fixture
def three(log: Log, make_events: MakeEvents) -> Log:
    """Three commits of two events each, as versions 1 to 3."""
    for number in range(3):
        log.append(make_events({"patient": f"p{number}"}, {"event": "death"}), source=f"visit {number}")
    return log


@pytest.fixture
def last_is_pending(three: Log) -> Log:
    """The last of three commits was not acknowledged."""
    never_acknowledged(three, 3)
    return three


def test_a_commit_file_cut_anywhere_costs_only_itself(last_is_pending: Log) -> None:
    path = commit_file(last_is_pending, 3)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        opened = Log.open(last_is_pending.path)
        assert opened.position == 4
        [notice] = opened.notices
        assert "Commit 3 is not whole" in notice
        assert "never acknowledged" in notice
    path.write_bytes(whole)
    assert Log.open(last_is_pending.path).position == 6


@pytest.mark.parametrize("content", [b"", b"\0" * 900, b"{}\n{}", b"[1]", b"not json", b"\xff\xfe"])
def test_a_commit_file_with_nothing_sensible_in_it_costs_only_itself(last_is_pending: Log, content: bytes) -> None:
    commit_file(last_is_pending, 3).write_bytes(content)
    opened = Log.open(last_is_pending.path)
    assert opened.entries()["position"].to_pylist() == [1, 2, 3, 4]
    assert "Commit 3 is not whole" in opened.notices[0]


def test_a_data_file_cut_anywhere_costs_only_its_commit(last_is_pending: Log) -> None:
    path = data_file_of(last_is_pending, 3)
    whole = path.read_bytes()
    for step in range(100):
        path.write_bytes(whole[: len(whole) * step // 100])
        opened = Log.open(last_is_pending.path)
        assert opened.entries()["position"].to_pylist() == [1, 2, 3, 4]
        assert "its data file" in opened.notices[0]
    path.unlink()
    opened = Log.open(last_is_pending.path)
    assert opened.position == 4
    assert f"its data file {path.name} is missing" in opened.notices[0]


def test_nothing_is_recorded_behind_a_torn_commit(last_is_pending: Log, make_events: MakeEvents) -> None:
    commit_file(last_is_pending, 3).write_bytes(b"")
    opened = Log.open(last_is_pending.path)
    for attempt in (
        lambda: opened.append(make_events({}), source="a"),
        lambda: opened.retract(["e1"], reason="a"),
        lambda: opened.declare(VOCABULARY),
    ):
        with pytest.raises(DamageError, match="has to wait: commit 3 is not whole") as caught:
            attempt()
        assert "verify" in caught.value.hint
    assert commit_file(last_is_pending, 3).read_bytes() == b""


def test_repair_sets_a_torn_commit_aside_and_the_log_goes_on(last_is_pending: Log, make_events: MakeEvents) -> None:
    commit_file(last_is_pending, 3).write_bytes(b'{"commitInfo":')
    [finding] = verify(last_is_pending.path).findings
    assert (finding.version, "it was never acknowledged" in finding.text) == (3, True)
    [done] = repair(last_is_pending.path)
    assert done.startswith("Commit 3 was set aside")
    [kept] = layout.set_aside_folder(last_is_pending.path).iterdir()
    assert kept.read_bytes() == b'{"commitInfo":'
    opened = Log.open(last_is_pending.path)
    assert opened.notices == ()
    assert opened.append(make_events({}), source="again").first == 5
    assert verify(opened.path).ok
    assert repair(opened.path) == []


def test_two_torn_commits_are_both_set_aside(three: Log) -> None:
    never_acknowledged(three, 2)
    commit_file(three, 2).write_bytes(b"")
    commit_file(three, 3).write_bytes(b"")
    assert Log.open(three.path).position == 2
    assert len(repair(three.path)) == 2
    assert Log.open(three.path).notices == ()
    assert verify(three.path).ok


def test_what_was_acknowledged_is_not_set_aside(three: Log, make_events: MakeEvents) -> None:
    commit_file(three, 3).write_bytes(b"")
    opened = Log.open(three.path)
    assert opened.position == 4
    assert "It had been acknowledged, so it was damaged later" in opened.notices[0]
    with pytest.raises(DamageError, match="had been acknowledged") as caught:
        repair(three.path)
    assert "Restore the store from a backup" in caught.value.hint
    assert commit_file(three, 3).exists()
    assert "it had been acknowledged" in str(verify(three.path).first)


def test_the_loss_of_acknowledged_commits_has_to_be_accepted(three: Log, make_events: MakeEvents) -> None:
    commit_file(three, 3).write_bytes(b"")
    repair(three.path, accept_loss=True)
    opened = Log.open(three.path)
    assert opened.notices == ()
    assert opened.append(make_events({}), source="again").first == 5
    assert verify(three.path).ok


def test_a_log_that_was_cut_short_is_found_out(three: Log) -> None:
    assert verify(three.path, noted=three.head).ok
    noted = three.head
    commit_file(three, 3).unlink()
    checked = verify(three.path, noted=noted)
    assert "commits up to 3 had been acknowledged" in str(checked.findings)
    assert f"the head that was noted, {noted}, is not in the chain" in str(checked.findings)


def test_a_missing_commit_in_the_middle_is_found_out(three: Log) -> None:
    commit_file(three, 2).unlink()
    checked = verify(three.path)
    assert checked.first is not None
    assert checked.first.version == 2


def test_the_first_commit_is_all_that_a_store_cannot_do_without(three: Log) -> None:
    for version in range(4):
        commit_file(three, version).write_bytes(b"")
    with pytest.raises(DamageError, match="the first commit of the store is not whole"):
        Log.open(three.path)
    with pytest.raises(DamageError, match="the first commit is not whole"):
        repair(three.path, accept_loss=True)
    assert not verify(three.path).ok


def test_a_missing_or_short_data_file_of_an_earlier_commit_is_named(three: Log) -> None:
    path = data_file_of(three, 1)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    opened = Log.open(three.path)
    with pytest.raises(DamageError, match=f"{path.name} has {len(whole) - 1} bytes, expected {len(whole)}"):
        opened.entries()
    path.unlink()
    with pytest.raises(DamageError, match=f"{path.name} is missing"):
        opened.snapshot()
    assert str(verify(three.path).first).startswith("commit 1: the data file")


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"\0" * 5_000])
def test_a_damaged_checkpoint_is_done_without(log: Log, make_events: MakeEvents, damage: bytes) -> None:
    for _ in range(layout.CHECKPOINT_INTERVAL + 2):
        log.append(make_events({}), source="a")
    [checkpoint] = (log.path / layout.DELTA_LOG).glob("*.checkpoint.parquet")
    checkpoint.write_bytes(damage)
    opened = Log.open(log.path)
    assert opened.entries().num_rows == layout.CHECKPOINT_INTERVAL + 2
    assert opened.append(make_events({}), source="a").rows == 1
    assert verify(log.path).ok


def test_a_checkpoint_that_lies_is_found_out(log: Log, make_events: MakeEvents, tmp_path: Path) -> None:
    for number in range(layout.CHECKPOINT_INTERVAL + 2):
        log.append(make_events({"patient": f"p{number}"}), source="a")
    [checkpoint] = (log.path / layout.DELTA_LOG).glob("*.checkpoint.parquet")
    other = Log.create(tmp_path / "other", VOCABULARY)
    for number in range(layout.CHECKPOINT_INTERVAL):
        other.append(make_events({"patient": f"q{number}"}), source="a")
    shutil.copy(next((other.path / layout.DELTA_LOG).glob("*.checkpoint.parquet")), checkpoint)
    assert "the table's checkpoint does not say what its commit files say" in str(verify(log.path).findings)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A store with a bit of everything: records, corrections, declarations, merged and replaced files."""
    log = Log.create(tmp_path_factory.mktemp("history") / "store", VOCABULARY, clock=Clock())
    for number in range(10):
        rows = ({"patient": f"p{number}", "site": "liver"}, {"event": "laboratory", "value": float(number)})
        log.append(events(*rows), source=f"visit {number}")
    log.amend({"e1": {"site": "rectum"}}, reason="audit")
    log.retract(["e3"], reason="audit")
    log.append(events({"r_status": "R2"}), source="last")
    return log


def places(log: Log) -> Iterator[tuple[Path, int]]:
    """200 bytes of the commit files and the data files, the same ones at each run."""
    generator = random.Random(20260722)
    commits = sorted((log.path / layout.DELTA_LOG).glob("*.json"))
    live = [file.path for file in log.snapshot().files]
    replaced = [path for path in sorted((log.path / layout.DATA).iterdir()) if path not in live]
    assert replaced
    for number in range(200):
        path = generator.choice(commits if number < 100 else live if number < 180 else replaced)
        yield path, generator.randrange(path.stat().st_size)


def test_every_changed_byte_is_detected_or_harmless(history: Log) -> None:
    before = history.entries()
    live = {file.path for file in history.snapshot().files}
    generator = random.Random(1)
    for path, offset in places(history):
        whole = path.read_bytes()
        changed = bytearray(whole)
        changed[offset] ^= generator.randrange(1, 256)
        path.write_bytes(changed)
        try:
            checked = verify(history.path)
        finally:
            path.write_bytes(whole)
        if path.parent.name == layout.DATA and path not in live:
            # A file that a merge has replaced: nobody reads it any more.
            assert checked.ok
            assert history.entries().equals(before)
        else:
            assert not checked.ok, (path, offset)
    assert verify(history.path).ok


def test_a_rewritten_entry_is_found_at_its_commit(history: Log, tmp_path: Path) -> None:
    """Somebody with all rights rewrites a data file, its name, and each seal: the chain of heads still tells."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from timeline.log.commits import CommitFile
    from timeline.log.durable import file_hash
    from timeline.log.record import GENESIS, next_seal

    store = tmp_path / "store"
    shutil.copytree(history.path, store)
    forged = Log.open(store)
    [victim] = [file for file in forged.snapshot().files if file.positions == (23, 23)] or [None]
    assert victim is not None
    rows = pq.read_table(victim.path)
    site = rows.schema.get_field_index("r_status")
    pq.write_table(rows.set_column(site, "r_status", pa.array(["R0"])), victim.path)
    name = f"data/batch-000000000000-{file_hash(victim.path)}.parquet"
    victim.path.rename(store / name)
    seal = GENESIS
    for path in sorted((store / layout.DELTA_LOG).glob("*.json")):
        lines = []
        for action in CommitFile(0, path.read_bytes()).actions:
            if "add" in action and action["add"]["path"].endswith(victim.path.name):
                action["add"].update(path=name, size=os.path.getsize(store / name))
            if "commitInfo" in action:
                action["commitInfo"]["timeline"]["seal"] = seal
            lines.append(json.dumps(action))
        path.write_text("\n".join(lines))
        seal = next_seal(seal, path.read_bytes())
    for checkpoint in (store / layout.DELTA_LOG).glob("*checkpoint*"):
        checkpoint.unlink()
    version = len(list((store / layout.DELTA_LOG).glob("*.json"))) - 1
    layout.acknowledgement_file(store).write_text(json.dumps({"version": version, "seal": seal}))
    [finding] = verify(store).findings
    last = max(commit.version for commit in forged.commits())
    assert (finding.version, finding.text) == (last, "its entries are not those that were recorded")


def test_a_record_that_was_rewritten_breaks_the_chain(three: Log) -> None:
    path = commit_file(three, 2)
    path.write_bytes(path.read_bytes().replace(b"visit 1", b"visit 7"))
    first = verify(three.path).first
    assert first is not None
    assert first.version == 2
    assert "its record does not fit its head" in str(verify(three.path).findings)


def test_what_another_program_adds_is_found_out(three: Log) -> None:
    from deltalake import DeltaTable, write_deltalake

    rows = pa.table(DeltaTable(str(three.path)).scan()).slice(0, 1)
    write_deltalake(three.path, rows, mode="append")
    checked = verify(three.path)
    assert "commit 4: another program changed the data" in map(str, checked.findings)
