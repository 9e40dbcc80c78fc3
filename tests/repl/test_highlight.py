"""What is typed, in pieces that have a colour."""

from timeline.repl.highlight import pieces
from timeline.repl.words import keywords


def kinds(line: str) -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in pieces(line) if text.strip()]


def test_pieces_join_to_the_line() -> None:
    line = 'let x = first surgery where site = "a # b" and start > 2010-01-01  # 5 years'
    assert "".join(text for _, text in pieces(line)) == line


def test_the_words_of_the_grammar_are_keywords_and_names_are_not() -> None:
    found = kinds("cohort enrolled where count(x) > 3")
    assert found[:3] == [("statement", "cohort"), ("", "enrolled"), ("keyword", "where")]
    assert ("function", "count") in found
    assert ("number", "3") in found


def test_texts_dates_and_remarks_are_told_apart() -> None:
    found = kinds('"an # open text')
    assert found == [("text", '"an # open text')]
    assert kinds("2010-12-31 # end") == [("date", "2010-12-31"), ("remark", "# end")]


def test_a_command_is_one_piece() -> None:
    assert kinds(".explain os") == [("command", ".explain os")]


def test_a_member_is_no_keyword_whatever_it_is_called() -> None:
    assert kinds("os.end") == [("", "os"), ("", ".end")]


def test_every_word_that_starts_a_statement_is_a_keyword() -> None:
    from dsl.advice.keywords import RESERVED, STATEMENTS

    assert set(STATEMENTS) <= keywords()
    assert keywords() >= RESERVED - {"start"}
