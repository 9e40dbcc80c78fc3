"""Whether two systems gave the same tables, and the rows in which they differ."""

from __future__ import annotations

from pathlib import Path

SHOWN = 10
"""Differing rows of a side that are shown."""

TOLERANCE = 1e-9
"""Relative, for estimates: the systems add up in another order. Everything else is compared exactly."""


def differences(ours: Path, theirs: Path) -> str:
    """Words on what differs between the tables of two folders; empty where nothing does.

    A system that cannot say everything (as ACES) leaves a table out, which is no difference; one that nobody has is.
    """
    compared = sorted(path.name for path in ours.glob("*.parquet") if (theirs / path.name).exists())
    if not compared:
        return f"{ours} and {theirs} have no table in common"
    return "\n".join(filter(None, (_difference(ours / name, theirs / name) for name in compared)))


def _difference(ours: Path, theirs: Path) -> str:
    import duckdb

    one, other = duckdb.read_parquet(str(ours)), duckdb.read_parquet(str(theirs))  # noqa: F841, found by their names
    if ours.stem == "figures":
        found = duckdb.sql(
            f"""
            SELECT name, one.value AS here, other.value AS there FROM one FULL JOIN other USING (name)
            WHERE (one.value IS NULL) <> (other.value IS NULL) OR one.name IS NULL OR other.name IS NULL
                OR abs(one.value - other.value) > {TOLERANCE} * greatest(abs(one.value), abs(other.value), 1e-300)
            ORDER BY name LIMIT {SHOWN}
            """
        )
        rows = found.fetchall()
        return "" if not rows else f"{ours} and {theirs} differ:\n{found}"
    words = ""
    for first, second, where in (("one", "other", ours), ("other", "one", theirs)):
        found = duckdb.sql(f"FROM {first} EXCEPT ALL FROM {second}")
        [(count,)] = found.aggregate("count(*)").fetchall()
        if count:
            words += f"{count:,} rows are in {where} only:\n{found.order('ALL').limit(SHOWN)}\n"
    return words
