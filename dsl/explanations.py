"""What each code means and how the text is mended, in words; the catalogue of titles is in `diagnostics`.

Findings of the lint have pages of their own.
"""

EXPLANATIONS: dict[str, str] = {
    "S001": (
        "A word or a sign stands where the grammar has no place for it. Most often a word is misspelt, a part"
        " is missing before it, or the parts are in another order. `expected` says what can stand there."
    ),
    "S002": (
        "A statement, or a part of one, stops before it is whole: a value is missing, or a parenthesis or a "
        "`case` is still open. Complete it, or take the beginning away."
    ),
    "S003": (
        "A sign of another language, or of a word processor. The language has `=`, `!=`, `<`, `<=`, `>`, "
        "`>=`, `+`, `-`, `*`, `/`, parentheses, commas, dots and straight double quotes; comments start with "
        "`#`."
    ),
    "S004": (
        "A text begins with a double quote and its line ends before the second one. Texts do not run over "
        'lines; a line break inside a text is written `\\n`, a quote `\\"`.'
    ),
    "S005": (
        "A date is written year-month-day with two digits for the month and the day, as `2010-12-31`; other "
        "notations are read differently in different countries. The day has to exist in the calendar."
    ),
    "S006": (
        "Parentheses, `not` or other parts lie so deep in each other that nobody could read it. Give inner "
        "parts names with `let`."
    ),
    "S007": ("A number has more digits than can be computed with exactly, or a duration is longer than the calendar."),
    "S008": "The word has a meaning in the language, so nothing can be called by it. Take another name.",
    "S009": (
        "Without parentheses it would not be plain what belongs together: a selection such as `first surgery`"
        " inside a larger expression, or a quantifier inside a `where`."
    ),
    "S010": (
        "So many errors were found that the text is hardly a query; reading stopped. Mend the first ones, "
        "then check again."
    ),
    "N001": (
        "Nothing that is defined, declared or used has this name. Look for a typing error, a missing `use`, "
        "or an attribute whose event is not said."
    ),
    "N002": "No event type of this name is declared, in the text, in the files that it uses, or in the store.",
    "N003": (
        "The event, or the endpoint, has no such part. Every event has `start` and `end` beside its "
        "attributes; every endpoint has `time`, `happened`, `outcome`, `reason`, `origin` and `end`."
    ),
    "N004": (
        "An attribute with a closed list of codes is compared with something that is not on the list, which "
        "could never be true. Codes are told apart by capitals."
    ),
    "N005": "There is no function of this name.",
    "N006": "Two things have one name, so it would not be plain which is meant. Rename one of them.",
    "N007": "Definitions are in terms of each other, so none has a meaning. Write one of them without the others.",
    "N008": (
        "The file behind a `use` is neither beside the query nor in the standard library. As long as it is "
        "missing, nothing is said of names that may be defined in it."
    ),
    "N009": "Files use each other in a circle. Move what both need into a third file.",
    "N010": "The name of a cohort is needed here, and this names something else.",
    "N011": "The name of an endpoint is needed here, and this names something else.",
    "N012": "A value was given from outside for a parameter that the study does not declare.",
    "N013": "A test expects a patient to fall at a requirement, and the cohort has none with this label.",
    "T001": (
        "Values of different kinds are compared or combined: a date with a number, an age with a bare number,"
        " a code with a date. Durations and ages have a unit: `30 days`, `18 years`."
    ),
    "T002": "The value is of another kind than is needed here: a condition, a date, a number or a duration.",
    "T003": (
        "An event type, or events with `where` or a window, can be many events. Say which one with `first`, "
        "`last`, `nth` or `only`; or ask with `any`, `no`, `all` or `count`."
    ),
    "T004": "Events are needed here, and this is one event or a value.",
    "T005": (
        "Something of a whole cohort, such as its size or a median, stands where a value of one patient is needed."
    ),
    "T006": "A statistic of a cohort is needed here, and this is a value of one patient.",
    "T007": "The units differ, so a comparison or a sum would be wrong by a factor.",
    "T008": "The branches of a `case` give values of different kinds, so the whole would have none.",
    "T009": "`age at` needs an attribute that is declared as `date of birth`.",
    "T010": (
        "Percentages, months, and counts with percentages are values as papers print them. They stand on the "
        "right side in an `expect`."
    ),
    "T011": (
        "A covariate that changes as it happens needs the day on which its condition becomes true and stays so. "
        "`any` and `at least` have one, and so has what is said of a `first` or an `nth` event; what the `last` event, "
        "`all`, `no` or a `count` says can be changed by the next event, unless a window ends before it."
    ),
    "D001": "A part that the definition cannot do without is missing.",
    "D002": "A part that there can be only one of is given twice.",
    "D003": ("Attributes of one name share a column of the store, so they hold one kind of value in all event types."),
    "D004": "Every event has this part already; an attribute needs another name.",
    "D005": "There is one of these in a study, and this is a second.",
    "D007": "The option belongs to another analysis or statistic.",
}
