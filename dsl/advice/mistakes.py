"""From a slip to its diagnostic: every mistake that is known, in the order in which they are tried."""

from collections.abc import Callable

from dsl.advice import expressions, habits, literals, signs, statements, words
from dsl.advice.slip import Slip
from dsl.diagnostics import Diagnostic


def explain(slip: Slip) -> Diagnostic:
    """The diagnostic of a syntax error."""
    for recognise in _MISTAKES:
        found = recognise(slip)
        if found is not None:
            return found
    return slip.says(f"`{slip.word}` does not belong here")


_MISTAKES: tuple[Callable[[Slip], Diagnostic | None], ...] = (
    signs.open_text,
    signs.other_quotes,
    signs.r_sign,
    literals.other_date,
    literals.decimal_comma,
    signs.comment,
    signs.formula,
    signs.other_signs,
    signs.bracket,
    signs.closing,
    habits.missing_test,
    habits.joined_windows,
    habits.then,
    habits.nothing_shown,
    habits.file_name,
    habits.equals_behind_keyword,
    habits.label_before_name,
    habits.label_with_colon,
    words.foreign_part,
    habits.negated_code,
    habits.defined_with_equals,
    habits.second_argument,
    habits.window_word,
    literals.window_form,
    habits.moved_day,
    habits.condition_behind_call,
    literals.unit,
    literals.ordinal,
    literals.number_word,
    signs.character,
    expressions.open_parenthesis,
    statements.attribute_type,
    expressions.too_early,
    words.keyword_as_name,
    words.name_expected,
    statements.given,
    statements.like_behind_label,
    words.text_match,
    habits.foreign_before,
    habits.union_without_parentheses,
    habits.outcome,
    expressions.part_of_selection,
    expressions.is_what,
    statements.reserved_attribute,
    expressions.missing_value,
    expressions.age,
    words.capitals,
    words.capital_before,
    expressions.where_missing,
    expressions.and_in_list,
    statements.cohort_inside,
    words.function,
    words.reserved,
    expressions.comma,
    statements.cohort_first,
    expressions.events_as_condition,
    expressions.between,
    statements.where_behind,
    statements.value_before_in,
    expressions.list_without_parentheses,
    expressions.selection_inside,
    expressions.chain,
    statements.label,
    words.keyword,
    habits.one_word,
    habits.misspelt_before,
    words.no_statement,
    words.two_words,
)
