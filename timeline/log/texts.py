"""Texts as words and codes: each text once, and for every row the number of its text.

Clinical texts repeat: patients, event types, codes. From the door of the log to the Parquet file they are therefore
Arrow dictionaries, so that a check looks at each word once, and nothing is looked up twice. Here a coded column is one
array whose words are all there and all different, which Arrow itself does not ask of a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timeline.log.masks import Mask, present

CODED: Final = pa.dictionary(pa.int32(), pa.string())

_FEW: Final = 16
"""Words up to which it is cheaper to compare a column with each of them than to look its rows up."""


def coded(values: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """A column of texts as one coded array, the same where it is one."""
    values = whole(values)
    return values if pa.types.is_dictionary(values.type) else values.dictionary_encode()


def newly_coded(values: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """A column of texts from elsewhere as one coded array: coded anew where its words are not all different."""
    values = whole(values)
    if pa.types.is_dictionary(values.type):
        if values.type == CODED and _distinct(values.dictionary):
            return values
        values = values.dictionary_decode().cast(pa.string())
    return values.dictionary_encode()


def coded_schema(schema: pa.Schema) -> pa.Schema:
    """The schema of the same columns with texts coded."""
    return pa.schema([field.with_type(CODED) if is_text(field.type) else field for field in schema])


def is_text(type_: pa.DataType) -> bool:
    """Whether values are texts, coded or not."""
    return bool(pa.types.is_string(type_.value_type if pa.types.is_dictionary(type_) else type_))


def constant(text: str, count: int) -> pa.DictionaryArray:
    """One text in every row."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), [text], safe=False)


def beside(values: pa.Array, text: str) -> pa.DictionaryArray:
    """One text in every row in which a column has a value."""
    missing = ~present(values) if values.null_count else None
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(values), np.int32), mask=missing), [text], safe=False)


def by_word(values: pa.DictionaryArray, holds: Iterable[bool], missing: bool = False) -> Mask:
    """The rows whose word is one for which something holds; `missing` says whether those without a word are among them.

    `holds` says it of each word, in their order.
    """
    chosen = np.array([*holds, missing])
    numbers = _numbers(values.indices, len(values.dictionary))
    mostly = 2 * np.count_nonzero(chosen) > len(chosen)
    others = np.flatnonzero(chosen != mostly)
    if len(others) > _FEW:
        looked_up: Mask = chosen[numbers]
        return looked_up
    # A few comparisons cost less than looking up each row.
    found = np.full(len(numbers), mostly)
    for number in others:
        found ^= numbers == number
    return found


def in_order(values: pa.DictionaryArray) -> pa.DictionaryArray:
    """The same texts with the words that occur only, in the order in which they first do."""
    if _few_in_order(values):
        return values
    codes = values.indices.dictionary_encode()
    return pa.DictionaryArray.from_arrays(codes.indices, values.dictionary.take(codes.dictionary), safe=False)


def taken_texts(values: pa.DictionaryArray, rows: pa.Array) -> pa.DictionaryArray:
    """The texts of some rows, with the words that occur in them only."""
    words = values.dictionary
    if len(words) == 1 and not values.null_count:
        return values.slice(0, len(rows))
    codes = pc.take(values.indices, rows, boundscheck=False)
    occurs = np.zeros(len(words) + 1, dtype=bool)
    occurs[_numbers(codes, len(words))] = True
    if occurs[:-1].all():
        return pa.DictionaryArray.from_arrays(codes, words, safe=False)
    # Words are numbered anew by how many occur before them.
    numbers = pa.array(np.cumsum(occurs, dtype=np.int32) - 1).take(codes)
    return pa.DictionaryArray.from_arrays(numbers, words.filter(pa.array(occurs[:-1])), safe=False)


def _few_in_order(values: pa.DictionaryArray) -> bool:
    """Whether few words are in the order in which they first occur, as those of a list of codes often are."""
    count = len(values.dictionary)
    if count > _FEW or values.null_count == len(values):
        return False
    if count == 1:
        return True
    numbers = _numbers(values.indices, count)
    firsts = [int((numbers == number).argmax()) for number in range(count)]
    return firsts == sorted(firsts) and all(numbers[first] == number for number, first in enumerate(firsts))


def _numbers(codes: pa.Array, missing: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    numbers: np.ndarray[Any, np.dtype[np.int32]] = (codes.fill_null(missing) if codes.null_count else codes).to_numpy()
    return numbers


def whole(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as one array. One chunk is the rule, and joining it would copy it."""
    if isinstance(values, pa.Array):
        return values
    if values.num_chunks == 1:
        return values.chunk(0)
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)


def _distinct(words: pa.Array) -> bool:
    return bool(words.null_count == 0 and len(words.unique()) == len(words))
