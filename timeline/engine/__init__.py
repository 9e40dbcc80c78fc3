"""Runs compiled SQL over a snapshot of the log; `base.Engine` is the contract, `duckdb.DuckDBEngine` keeps it."""
