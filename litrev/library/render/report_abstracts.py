"""The abstracts of a report, with places as the page's script counts them."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping

from litrev.library.extraction.lexicon import lexicon_for
from litrev.library.extraction.sentences import split_sentences
from litrev.library.synthesis.model import Table
from litrev.text.display import visible

_MOST_READ = 50_000  # characters of an abstract that are divided into sentences


def abstracts_json(table: Table, abstracts: Mapping[str, str]) -> str:
    """For each row its reference, its abstract, and where each sentence begins and ends.

    The JSON has none of the characters that could end the element it is in.
    """
    written = json.dumps(
        list(_abstracts(table, abstracts)), ensure_ascii=False, separators=(",", ":")
    )
    # A script is read letter by letter, so entities would not do.
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def page_text(text: str) -> str:
    """An abstract as the page holds it: one character for each, control characters replaced.

    Line breaks and tabs are kept.
    """
    lines = text.replace("\r", " ").split("\n")
    return "\n".join("\t".join(map(visible, line.split("\t"))) for line in lines)


def utf16_offsets(text: str) -> Callable[[int], int]:
    """From a place in ``text`` in code points to the same place in the units of UTF-16 that
    JavaScript counts.

    >>> [utf16_offsets("a🙂b")(place) for place in range(4)]
    [0, 1, 3, 4]
    """
    if text.isascii() or max(text) <= "\uffff":
        return lambda place: place
    two_units = [place for place, char in enumerate(text) if char > "\uffff"]
    return lambda place: place + bisect_left(two_units, place)


def _abstracts(table: Table, abstracts: Mapping[str, str]) -> Iterator[tuple[str, str, list[int]]]:
    references = {reference.key: reference.text for reference in table.references}
    for row in table.rows:
        text = page_text(abstracts.get(row.record_id, ""))
        reference = visible(references.get(row.key, row.key))
        yield reference, text, _sentence_places(text)


def _sentence_places(text: str) -> list[int]:
    if not text:
        return []
    offset = utf16_offsets(text)
    places = []
    for sentence in split_sentences(text[:_MOST_READ], lexicon_for(text)):
        places += [offset(sentence.start), offset(sentence.end)]
    return places
