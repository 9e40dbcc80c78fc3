"""What is typed behind a dot command: any patient's id can be written, and completion writes it so."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from timeline.repl.arguments import quoted, split, unfinished


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (".show 'patient 7'", [".show", "patient 7"]),
        (".show O'Brien", [".show", "O'Brien"]),
        (r'.show "two\nlines"', [".show", "two\nlines"]),
        (r".show 'two\nlines'", [".show", r"two\nlines"]),
        (r'.show "O\'Brien \"Bob\""', [".show", 'O\'Brien "Bob"']),
        (r".save C:\studies\m1.tql", [".save", r"C:\studies\m1.tql"]),
        ("  .explain   os  😀 ", [".explain", "os", "😀"]),
        (".show ''", [".show", ""]),
        (".show 'never closed", [".show", "'never", "closed"]),
        (r'.show "\u202eright"', [".show", "\u202eright"]),
        (r'.show "\ud800 \Uffffffff"', [".show", "ud800 Uffffffff"]),  # no characters
    ],
)
def test_a_line_falls_into_words(line: str, words: list[str]) -> None:
    assert split(line) == words


@given(st.text(min_size=0, max_size=12))
@example("two\nlines")
@example('O\'Brien "Bob"')
@example("\\n")
@example("")
def test_every_id_can_be_written_on_one_line_and_is_read_back(word: str) -> None:
    written = quoted(word)
    assert written.isprintable()
    assert split(f".show {written}") == [".show", word]
    assert split(f".explain os {written} ") == [".explain", "os", word]


def test_what_is_being_typed_is_told_apart_from_what_is_finished() -> None:
    assert unfinished(".show 'p 3' ") == ([".show", "p 3"], "", "")
    assert unfinished(".explain os 'p 3") == ([".explain", "os"], "'p 3", "p 3")
    assert unfinished(r'.show "two\nli') == ([".show"], r'"two\nli', "two\nli")
    assert unfinished(".show O'B") == ([".show"], "O'B", "O'B")
