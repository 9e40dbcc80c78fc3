"""The chapters of examples, by the name of their place in the language reference."""

from tests.spec.aggregates import AGGREGATES
from tests.spec.cases import CASES
from tests.spec.cohorts import COHORTS
from tests.spec.courses import COURSES
from tests.spec.cutoff import CUTOFF
from tests.spec.dates import DATES
from tests.spec.endpoints import ENDPOINTS
from tests.spec.landmark import LANDMARK
from tests.spec.missing import MISSING
from tests.spec.quantifiers import QUANTIFIERS
from tests.spec.record import Chapter
from tests.spec.selectors import SELECTORS
from tests.spec.ties import TIES
from tests.spec.windows import WINDOWS

CHAPTERS: dict[str, Chapter] = {
    chapter.name: chapter
    for chapter in (
        SELECTORS,
        TIES,
        WINDOWS,
        QUANTIFIERS,
        AGGREGATES,
        COURSES,
        DATES,
        MISSING,
        CASES,
        COHORTS,
        ENDPOINTS,
        CUTOFF,
        LANDMARK,
    )
}
