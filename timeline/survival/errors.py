"""What can go wrong in an estimate: a wrong argument, or data that do not determine the answer.

Both are values errors of the caller's data, so that a study can report one failed analysis and go on with the others.
How they are shown to a person is left to the caller.
"""


class SurvivalError(ValueError):
    """The base of every error that this package raises on purpose."""


class InvalidInput(SurvivalError):
    """An argument that has no meaning, whatever the data: the message names it, what is expected, what was received."""

    def __init__(self, argument: str, expected: str, received: object) -> None:
        super().__init__(f"{argument}: expected {expected}, received {received}")
        self.argument = argument
        self.expected = expected
        self.received = received


class NotEstimable(SurvivalError):
    """The data are valid but do not determine the quantity: no events, one group, nobody followed long enough."""
