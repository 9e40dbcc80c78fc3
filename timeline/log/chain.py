"""The commit files followed from the first to the last: seals, records, and the files that are live at the end.

Works on the commit files alone, so that it can tell what they say from what the table's own state says. Whether the
data files hold what the records say is left to `contents`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from deltalake import Schema

from timeline.errors import TimelineError
from timeline.log import commits
from timeline.log.commits import Added, CommitFile
from timeline.log.record import GENESIS, Kind, Record, Stamp, next_seal


@dataclass(frozen=True)
class Finding:
    """Something that does not fit, with the first commit that it concerns; none where it concerns no commit."""

    version: int | None
    text: str

    def __str__(self) -> str:
        return self.text if self.version is None else f"commit {self.version}: {self.text}"


@dataclass
class Chain:
    """What the commit files say, up to `version`; `broken` tells that they could not be followed to their end."""

    findings: list[Finding] = field(default_factory=list)
    version: int = -1
    head: str = GENESIS
    heads: list[str] = field(default_factory=list)
    records: list[tuple[int, Record]] = field(default_factory=list)
    live: dict[str, tuple[int, Added]] = field(default_factory=dict)
    columns: Schema | None = None
    settings: dict[str, str] = field(default_factory=dict)
    broken: bool = False

    @property
    def position(self) -> int:
        return self.records[-1][1].position if self.records else 0

    def report(self, version: int | None, text: str) -> None:
        self.findings.append(Finding(version, text))

    def report_break(self, version: int, text: str) -> None:
        """Reports something after which nothing more can be said of the log."""
        self.report(version, text)
        self.broken = True


def follow(root: Path) -> Chain:
    """Reads all commit files of a store."""
    chain = Chain()
    last = commits.last_version(root)
    if last is None:
        chain.report_break(0, "there is no commit file at all")
        return chain
    torn = commits.find_torn(root, last)
    end = last if torn is None else torn.version - 1
    acknowledged = commits.acknowledged(root)
    seal = GENESIS
    for version in range(end + 1):
        try:
            file = commits.read(root, version)
        except TimelineError as error:
            chain.report_break(version, error.message)
            return chain
        if file.stamp is not None and file.stamp.seal != seal:
            chain.report(version - 1, "its commit file is not as it was when the next commit was made")
            # What follows is judged by itself, so that one change is not reported for every later commit.
            seal = file.stamp.seal
        seal = next_seal(seal, file.content)
        if version == acknowledged.version and seal != acknowledged.seal:
            chain.report(version, "its commit file is not as it was when the commit was acknowledged")
        _add(chain, file)
    if torn is not None:
        known = "it had been acknowledged" if torn.acknowledged else "it was never acknowledged"
        chain.report(torn.version, f"it is not whole ({torn.reason}); {known}")
        chain.broken = torn.version == 0
    elif acknowledged.version > end:
        chain.report_break(end + 1, f"it is gone, and commits up to {acknowledged.version} had been acknowledged")
    return chain


def _add(chain: Chain, file: CommitFile) -> None:
    chain.version = file.version
    stamp = file.stamp
    if stamp is None:
        _add_foreign(chain, file)
    elif stamp.compaction:
        if not chain.records or stamp.record != chain.records[-1][1]:
            chain.report(file.version, "it rearranges files and states another record than the one before it")
    else:
        _add_record(chain, file.version, stamp)
    for path in file.removed:
        if chain.live.pop(path, None) is None:
            chain.report(file.version, f"it removes a file that was not there: {path}")
    chain.live.update({add.path: (file.version, add) for add in file.added})
    if file.metadata is not None:
        chain.columns, chain.settings = file.metadata


def _add_record(chain: Chain, version: int, stamp: Stamp) -> None:
    record = stamp.record
    for fault in _faults(chain, version, record):
        chain.report(version, fault)
    if record.first != chain.position + 1 or record.rows < 0:
        chain.report_break(version, f"it begins at position {record.first}, expected {chain.position + 1}")
    chain.head = record.head
    chain.heads.append(record.head)
    chain.records.append((version, record))


def _faults(chain: Chain, version: int, record: Record) -> Iterable[str]:
    if record.head != record.expected_head():
        yield "its record does not fit its head"
    if record.previous != chain.head:
        yield "it does not continue the hash chain"
    if chain.records and record.recorded_at < chain.records[-1][1].recorded_at:
        yield "it was recorded before the commit that precedes it"
    if (record.kind is Kind.CREATE) != (version == 0):
        yield f"a commit of kind {record.kind} does not belong here"
    if record.kind in (Kind.CREATE, Kind.DECLARE):
        if record.declared != version or record.declarations is None:
            yield "it should bring declarations and does not"
    elif chain.records and record.declared != chain.records[-1][1].declared:
        yield "it refers to other declarations than those in force"


def _add_foreign(chain: Chain, file: CommitFile) -> None:
    """Other programs may rearrange the files of the table, but neither add nor take away events."""
    if any(add.data_change for add in file.added) or any(values.get("dataChange") for values in file.of("remove")):
        chain.report(file.version, "another program changed the data")
    if file.of("metaData") or file.of("protocol"):
        chain.report(file.version, "another program changed the columns or settings of the table")
