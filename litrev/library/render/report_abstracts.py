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

    Places count the units of UTF-16, as JavaScript does. The JSON has none of the characters that
    could end the element it is in.
    """
    parts = list(_abstracts(table, abstracts))
    written = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    # A script is read letter by letter, so entities would not do.
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def page_text(text: str) -> str:
    """An abstract as the page holds it: one character for each, control characters replaced.

    Line breaks and tabs are kept, and a place in the abstract is the same place in the page.

    >>> page_text("one\\r\\n\\ttwo\\x07")
    'one \\n\\ttwo␇'
    """
    lines = []
    for line in text.replace("\r", " ").split("\n"):
        parts = map(visible, line.split("\t"))
        lines.append("\t".join(parts))
    return "\n".join(lines)


def utf16_offsets(text: str) -> Callable[[int], int]:
    """A function from places in ``text`` to the same places as JavaScript counts them.

    It takes a place in code points, and returns it in units of UTF-16.

    >>> [utf16_offsets("a🙂b")(place) for place in range(4)]
    [0, 1, 3, 4]
    """
    if text.isascii() or max(text) <= "\uffff":
        return lambda place: place
    two_units = [place for place, char in enumerate(text) if char > "\uffff"]
    return lambda place: place + bisect_left(two_units, place)


def _abstracts(table: Table, abstracts: Mapping[str, str]) -> Iterator[tuple[str, str, list[int]]]:
    """The reference, the abstract and the places of its sentences, row by row."""
    references = {reference.key: reference.text for reference in table.references}
    for row in table.rows:
        text = page_text(abstracts.get(row.record_id, ""))
        shown = visible(references.get(row.key, row.key))
        yield shown, text, _sentence_places(text)


def _sentence_places(text: str) -> list[int]:
    """Beginning and end of each sentence, in one list: [begin, end, begin, end, …]."""
    if not text:
        return []
    offset = utf16_offsets(text)
    places = []
    sentences = split_sentences(text[:_MOST_READ], lexicon_for(text))
    for sentence in sentences:
        places += [offset(sentence.start), offset(sentence.end)]
    return places
