"""Writes the messages of all cases and the documented catalogue anew: `python -m tests.diagnostics.rewrite`."""

from tests.diagnostics import catalogue, corpus

if __name__ == "__main__":
    corpus.rewrite()
    catalogue.PAGE.write_text(catalogue.page(), encoding="utf-8")
