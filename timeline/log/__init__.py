"""The append-only log of events: create, open, record, correct, read as it was, verify.

`Log` is an open store; `verify` and `repair` work on a store that may not open. Beside them are their parts.
"""

from timeline.log.chain import Finding
from timeline.log.log import Commit, Log
from timeline.log.read import Snapshot
from timeline.log.repair import repair
from timeline.log.table import LiveFile
from timeline.log.verify import Verification, verify

__all__ = ["Commit", "Finding", "LiveFile", "Log", "Snapshot", "Verification", "repair", "verify"]
