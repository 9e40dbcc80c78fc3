"""Writes the examples of the language reference anew: `python -m tests.spec.rewrite`."""

from tests.spec.reference import PAGE, filled

if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
