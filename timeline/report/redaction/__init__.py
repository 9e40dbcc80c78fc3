"""Results in which no small number of patients can be told: what is hidden, and what is hidden with it.

`cells` decides which counts must go, `ties` says how the counts of a study hang together, `coarse` makes curves from
which no single time can be read, and `redact` puts a study's results together again.
"""

from timeline.report.redaction.redact import redact

__all__ = ["redact"]
