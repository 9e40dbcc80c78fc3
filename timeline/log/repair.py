"""What a power cut tore, set aside: the store then opens at its last whole commit and takes new ones.

Only commits that were never acknowledged are set aside by themselves; one that was is damaged, not torn, and belongs
restored from a backup. Checkpoints hold nothing of their own, so a damaged one is set aside too. Files are moved, not
deleted.
"""

from __future__ import annotations

import time
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from timeline.errors import DamageError, StoreError
from timeline.log import commits, layout
from timeline.log.durable import plain_errors, sync_folder, write_lock


def repair(path: str | Path, *, accept_loss: bool = False) -> list[str]:
    """Sets aside what is torn at the end of the log; says what was done, in sentences.

    Raises DamageError, with nothing changed, where a torn commit had been acknowledged, unless `accept_loss` is given.
    """
    root = Path(path)
    if not (root / layout.DELTA_LOG).is_dir() or not (root / layout.CONTROL).is_dir():
        raise StoreError(f"{root}: there is no store of clinical timelines here.")
    with plain_errors(root, "the repair"), write_lock(root):
        done = _set_torn_aside(root, accept_loss)
        last = commits.last_version(root)
        return done if last is None else [*done, *set_checkpoints_aside(root, last)]


def _set_torn_aside(root: Path, accept_loss: bool) -> list[str]:
    last = commits.last_version(root)
    torn = None if last is None else commits.find_torn(root, last)
    if last is None or torn is None:
        return []
    if torn.version == 0:
        raise DamageError(f"{root}: the first commit is not whole, so there is no state to go back to.")
    known = commits.acknowledged(root).version
    if torn.acknowledged and not accept_loss:
        raise DamageError(
            f"{root}: commit {torn.version} is not whole ({torn.reason}), but commits up to {known} had been"
            " acknowledged: they were damaged since, and nothing was changed.",
            hint=f"Restore the store from a backup, or accept the loss of commits {torn.version} to {last}.",
        )
    done = []
    for version in range(last, torn.version - 1, -1):
        moved = _set_aside(root, layout.commit_file(root, version))
        done.append(f"Commit {version} was set aside: {moved}")
    sync_folder(root / layout.DELTA_LOG)
    if known >= torn.version:
        _forget_acknowledgement(root, torn.version - 1)
    return done


def set_checkpoints_aside(root: Path, version: int) -> list[str]:
    """Moves checkpoints away, the latest first, until a version of the table opens; says what was done."""
    done: list[str] = []
    checkpoints = sorted((root / layout.DELTA_LOG).glob("*.checkpoint.parquet"), reverse=True)
    for checkpoint in [*checkpoints, None]:
        try:
            DeltaTable(str(root), version=version)
            return done
        except (DeltaError, OSError):
            if checkpoint is None:
                raise
            hint = layout.last_checkpoint_file(root)
            done.append(f"A damaged checkpoint was set aside: {_set_aside(root, checkpoint)}")
            if hint.exists():
                _set_aside(root, hint)
    return done


def _forget_acknowledgement(root: Path, version: int) -> None:
    layout.acknowledgement_file(root).unlink(missing_ok=True)
    commits.acknowledge(root, version, commits.seal_of(root, version))


def _set_aside(root: Path, path: Path) -> Path:
    folder = layout.set_aside_folder(root)
    folder.mkdir(exist_ok=True)
    moved = folder / f"{path.name}.{time.time_ns()}"
    path.rename(moved)
    return moved
