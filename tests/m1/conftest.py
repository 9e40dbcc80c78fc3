"""The fixture's events, read once."""

import pandas as pd
import pytest

from .histories import CSV, Histories, read


@pytest.fixture(scope="package")
def events() -> pd.DataFrame:
    return pd.read_csv(CSV)


@pytest.fixture(scope="package")
def histories() -> Histories:
    return read()
