"""Where the parts of a store lie in its folder, and the settings of its Delta table.

data/              Parquet files, each with the SHA-256 of its bytes in its name
_delta_log/        Delta's transaction log: one commit file a version, kept for good, and checkpoints
_timeline/         what the table format has no place for: the write lock, the acknowledgement, files set aside
"""

from pathlib import Path
from typing import Final

from timeline.errors import StoreError

DATA: Final = "data"
DELTA_LOG: Final = "_delta_log"
CONTROL: Final = "_timeline"

CHECKPOINT_INTERVAL: Final = 20
"""Versions from one checkpoint to the next: opening and appending then replay few commit files, at any age."""

BOUNDED: Final = "delta.dataSkippingStatsColumns"
"""The setting that names the columns of which readers of the table take the bounds of each file."""

CONFIGURATION: Final = {
    "delta.appendOnly": "true",
    # The commit files hold who recorded what, when and why: no writer may clean them up.
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    # How long readers that began before a compaction may still need the files that it replaced.
    "delta.deletedFileRetentionDuration": "interval 1 days",
    "delta.checkpointInterval": str(CHECKPOINT_INTERVAL),
    BOUNDED: "event,operation,position,patient",
}


def commit_file(root: Path, version: int) -> Path:
    return root / DELTA_LOG / f"{version:020}.json"


def checkpoint_file(root: Path, version: int) -> Path:
    return root / DELTA_LOG / f"{version:020}.checkpoint.parquet"


def last_checkpoint_file(root: Path) -> Path:
    return root / DELTA_LOG / "_last_checkpoint"


def lock_file(root: Path) -> Path:
    return root / CONTROL / "lock"


def compaction_lock_file(root: Path) -> Path:
    return root / CONTROL / "compaction"


def acknowledgement_file(root: Path) -> Path:
    return root / CONTROL / "acknowledged"


def set_aside_folder(root: Path) -> Path:
    return root / CONTROL / "set_aside"


def require_there(root: Path) -> None:
    """Raises StoreError where a store that was open has no folder any more."""
    if not root.is_dir():
        raise StoreError(
            f"{root} is gone: it was removed, renamed or unmounted while it was open.",
            hint="Bring it back to its place, or open it where it is now.",
        )
