"""Files to events: one reader a format, one module a form, each giving typed rows that the log's door has checked.

A reader never writes; `import_file` hands what it reads to the log, which takes all of it or nothing.
"""

from timeline.ingest.load import Imported, import_file, read_events
from timeline.ingest.mapping import read_mapping

__all__ = ["Imported", "import_file", "read_events", "read_mapping"]
