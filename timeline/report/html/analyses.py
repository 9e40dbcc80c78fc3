"""Every kind of result that the report draws: importing this module registers them all."""

from timeline.report.html import (  # noqa: F401  # each registers its kinds
    competing_sections,
    descriptive_sections,
    regression_sections,
    survival_sections,
)
from timeline.report.html.sections import Setting, section

__all__ = ["Setting", "section"]
