"""The page on estimates names every estimator."""

import inspect
from pathlib import Path

import pytest

from timeline import survival

PAGE = (Path(__file__).parents[2] / "docs/estimates.md").read_text(encoding="utf-8")
ESTIMATORS = [name for name in survival.__all__ if inspect.isfunction(getattr(survival, name))]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_has_its_place_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_says_where_its_formula_is_from(name: str) -> None:
    described = inspect.getdoc(getattr(survival, name)) or ""
    assert "Source:" in described or "see `" in described
