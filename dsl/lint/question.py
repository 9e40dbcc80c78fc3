"""What only data can answer about a finding: whom it concerns, and for how long. Asking is left to others."""

from dsl import ir, program
from dsl.record import record


@record
class Count:
    """A value that should be settled on a day, for the members of a cohort who have a time for an endpoint.

    Counted are the patients for whom `value`, read with what had happened by `horizon`, is not what it is in the end;
    and for them the days from `origin` to the latest of `deciding`. Without `groups` the value is a condition, and who
    it leaves out is counted too: membership of the cohort, `where` itself, or without an `endpoint` a requirement, of
    everyone who has an origin. With `at_risk` only those count who are still followed after the horizon.
    """

    endpoint: str | None
    cohort: str
    where: ir.Value | None
    value: ir.Value
    groups: program.Group | None
    origin: ir.Value
    horizon: ir.Value
    deciding: tuple[ir.Value, ...]
    at_risk: bool = False


@record
class Entry:
    """Members of a cohort whose index day could lie after the origin of an endpoint."""

    endpoint: str
    cohort: str
    where: ir.Value | None
    index: ir.Value


@record
class Groups:
    """Groups of a comparison, whose size and number of events are to be counted."""

    subject: program.Subject
    group: program.Group
    landmark: ir.CalendarSpan | None


Question = Count | Entry | Groups
