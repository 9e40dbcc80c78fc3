"""What was found, as Python and notebooks take it: the frozen result, its curves as a frame, and how it looks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from timeline.api.display import draw
from timeline.study.results import AnalysisResult, ComparisonResult, EstimateResult, StudyResult, Survived

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_Result = TypeVar("_Result", bound=AnalysisResult)


class Answer(Generic[_Result]):
    """A result of an analysis. `result` is what `timeline run` reports, with every number in full."""

    def __init__(self, result: _Result, study: StudyResult) -> None:
        self.result = result
        self._study = study

    def figure(self, path: str | Path | None = None) -> Figure:
        """The figure, for matplotlib to change; with a path it is written, too (.svg, .pdf or .png).

        Raises StudyError where there is nothing to draw or the file cannot be written, TypeError for what has no
        figure.
        """
        from timeline.report.figures import drawing, files

        drawn = draw(self.result, self._study)
        if path is not None:
            files.write(drawn, Path(path), drawing.title(self.result, self._study), drawing.source(self._study))
        return drawn

    def __str__(self) -> str:
        from timeline.api.display import text

        return text(self.result)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from timeline.api.display import html

        return html(self.result, self._study)


class Report:
    """Everything that a study asks, answered. `result` has every number in full, and where they come from."""

    def __init__(self, result: StudyResult) -> None:
        self.result = result

    @property
    def reproduced(self) -> bool:
        """Whether every expectation holds: the exit code of `timeline run`."""
        return self.result.reproduced

    def __str__(self) -> str:
        from timeline.api.display import report_text

        return report_text(self.result)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from timeline.api.display import plain

        return plain(str(self))


class Estimate(Answer[EstimateResult | ComparisonResult]):
    """Kaplan-Meier estimates, of one group or of several that are compared."""

    @property
    def groups(self) -> tuple[Survived, ...]:
        return self.result.groups

    @property
    def median(self) -> dict[str, float | None]:
        """The median of each group in days; None where it is not reached."""
        return {group.label: group.median.time for group in self.groups}

    @property
    def p_value(self) -> float | None:
        """Of the log-rank test; None where there is nothing to compare."""
        test = getattr(self.result, "test", None)
        return None if test is None else float(test.p_value)

    def to_pandas(self) -> pd.DataFrame:
        """The curves: for each group and day the survival from then on with its limits, and who was at risk."""
        import pandas as pd

        columns = ("time", "survival", "lower", "upper", "at_risk", "events", "censored")
        frames = [
            pd.DataFrame({"group": group.label, **{name: getattr(group.curve, name) for name in columns}})
            for group in self.groups
        ]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["group", *columns])
