"""Tables that fit a terminal of any width: no number, date or id is ever broken.

A table that is too wide has its texts folded between words; where that is not enough, each row becomes a block of
lines, one for each column.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

GAP = 3
"""Blanks between two columns of a table, as its box draws them."""


def print_fitting(table: Table, console: Console) -> None:
    """Print a table as wide as the terminal allows."""
    cells = [[_text(cell, console) for cell in column.cells] for column in table.columns]
    heads = [_text(column.header, console) for column in table.columns]
    columns = [[head, *below] for head, below in zip(heads, cells, strict=True)]
    room = console.width - GAP * (len(columns) - 1)
    widest = [max(_lines(column), default=0) for column in columns]
    narrowest = [max(_words(column), default=0) for column in columns]
    if sum(widest) <= room:
        console.print(table)
    elif sum(narrowest) <= room:
        for column, width in zip(table.columns, _between(narrowest, widest, room), strict=True):
            column.width = width
        console.print(table)
    else:
        _print_blocks(heads, cells, console)


def _between(narrowest: Sequence[int], widest: Sequence[int], room: int) -> list[int]:
    """Widths that fill the room: what is left over the narrowest goes where most is wanting."""
    left = room - sum(narrowest)
    wanting = [most - least for least, most in zip(narrowest, widest, strict=True)]
    shares = [left * part // sum(wanting) for part in wanting]
    return [least + share for least, share in zip(narrowest, shares, strict=True)]


def _print_blocks(heads: Sequence[Text], cells: Sequence[Sequence[Text]], console: Console) -> None:
    named = min(max(_lines(heads), default=0), console.width // 2)
    for number, row in enumerate(zip(*cells, strict=True)):
        if number:
            console.print()
        block = Table.grid(padding=(0, 2, 0, 0))
        block.add_column(style="dim", width=named)
        block.add_column(overflow="fold")
        for head, cell in zip(heads, row, strict=True):
            if cell.plain:
                block.add_row(head, cell)
        console.print(block)


def _text(cell: object, console: Console) -> Text:
    return cell if isinstance(cell, Text) else console.render_str(str(cell))


def _lines(column: Sequence[Text]) -> list[int]:
    return [cell_len(line) for text in column for line in text.plain.splitlines()]


def _words(column: Sequence[Text]) -> list[int]:
    return [cell_len(word) for text in column for word in text.plain.split()]
