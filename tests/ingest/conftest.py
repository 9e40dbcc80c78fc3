"""The oncology vocabulary, for the tests of the readers."""

from pathlib import Path

import pytest

import dsl
from dsl.catalog import Catalog

VOCABULARY = Path(__file__).parents[2] / "queries" / "vocabulary" / "oncology.tql"


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return dsl.read_catalog(VOCABULARY.read_text())
