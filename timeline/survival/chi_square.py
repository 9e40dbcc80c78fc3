"""The result of a chi-square test. Which statistic it is, is left to the module that computes it."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class ChiSquare:
    """A statistic that, where there is no difference, is chi-square distributed with these degrees of freedom.

    `p_value` is the share of that distribution above the statistic.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float

    @classmethod
    def of(cls, statistic: float, degrees_of_freedom: int) -> Self:
        """The test with its p-value."""
        from scipy.special import chdtrc

        return cls(statistic, degrees_of_freedom, float(chdtrc(degrees_of_freedom, statistic)))
