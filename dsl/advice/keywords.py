"""The words of the language that start statements and parts, and those that nothing can be named by."""

STATEMENTS = (
    "study",
    "use",
    "event",
    "parameter",
    "let",
    "cutoff",
    "known",
    "cohort",
    "endpoint",
    "rule",
    "estimate",
    "compare",
    "incidence",
    "cox",
    "fine_gray",
    "states",
    "table",
    "swimmer",
    "attrition",
    "expect",
    "test",
)
"""The words that start a statement."""


PARTS = {
    "cohort": ("from", "index", "require", "exclude"),
    "endpoint": ("from", "entering", "until", "competing", "censor", "last"),
    "test": ("given", "expect"),
}
"""The words that start a part of a statement."""


RESERVED = frozenset(
    [
        *STATEMENTS,
        *("first", "last", "nth", "only", "any", "no", "all", "at", "least", "most", "not", "and", "or", "is", "in"),
        *(
            "missing",
            "where",
            "before",
            "after",
            "on",
            "within",
            "between",
            "of",
            "case",
            "when",
            "then",
            "else",
            "end",
        ),
        *("age", "courses", "have", "true", "false", "from", "index", "require", "exclude", "until", "competing"),
        *("censor", "like", "as", "by", "landmark", "acknowledge", "show", "lanes", "contradicted", "because"),
        *("given", "to", "recorded", "start"),
    ]
)
"""Words that no definition and no event type may take as its name."""
