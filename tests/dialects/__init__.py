"""The SQL of every dialect gives what DuckDB gives; where an engine is not installed, its tests are skipped."""
