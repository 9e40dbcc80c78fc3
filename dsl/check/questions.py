"""An expression asked by itself, as at a prompt: a statistic of a cohort, or a value of each patient."""

from dsl import ir, program, syntax
from dsl.check import expressions, statistics
from dsl.check.scope import Scope
from dsl.types import Date, Integer


def question(scope: Scope, expr: syntax.Expr) -> program.Question:
    """What is asked. An event stands for its date, a stream for how many events of it a patient has."""
    if _is_statistic(scope, expr):
        return statistics.statistic(scope, expr)
    found = expressions.meaning(scope, expr, None)
    match found:
        case ir.Select() | ir.EventRef():
            return ir.Attribute(found, "start", Date())
        case ir.Events() | ir.Union() | ir.Filter() | ir.Courses():
            return ir.Aggregate("count", found, None, Integer())
    return expressions.value(scope, expr, None)


def _is_statistic(scope: Scope, expr: syntax.Expr) -> bool:
    """Whether any call in it is one of a cohort, or of a kind that only cohorts have."""
    stack: list[syntax.Node] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, syntax.Call):
            if isinstance(node.argument, syntax.InCohort) or expressions.names_cohort(scope, node.argument):
                return True
            if node.function in statistics.FUNCTIONS and node.function not in ir.AGGREGATES:
                return True
        stack.extend(node.children())
    return False
