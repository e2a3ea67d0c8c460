"""An engine in memory that is obviously right: it looks at every document for every query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from litrev.index.analysis import query_tokens, stem, tokens
from litrev.index.documents import UNSTEMMED, WEIGHTS, Document
from litrev.index.engine import Hit, Page, Seen
from litrev.index.query import And, Everything, Flag, Fuzzy, Leaf, Not, Or, Phrase, Prefix, Query, Wildcard, YearRange
from litrev.index.snippets import distance


class ReferenceEngine:
    """Every law of an engine in the plainest words."""

    format = 1

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self._seen: Seen | None = None

    def seen(self) -> Seen | None:
        return self._seen

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()

    def apply(self, documents: Iterable[Document], removed: Sequence[str], seen: Seen) -> None:
        for document_id in removed:
            self.documents.pop(document_id, None)
        self.documents.update({document.id: document for document in documents})
        self._seen = seen

    def rebuild(self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]) -> None:
        self.documents = {}
        for number, document in enumerate(documents, 1):
            self.documents[document.id] = document
            progress(number)
        self._seen = seen

    def search(self, query: Query, limit: int | None) -> Page:
        found = [document.id for document in self.documents.values() if matches(query, document)]
        return Page(tuple(Hit(document_id, 1.0) for document_id in found[:limit]), len(found))

    def close(self) -> None:
        pass


def matches(query: Query, document: Document) -> bool:
    match query:
        case Everything():
            return True
        case And(parts):
            return all(matches(part, document) for part in parts)
        case Or(parts):
            return any(matches(part, document) for part in parts)
        case Not(part):
            return not matches(part, document)
        case YearRange(low, high):
            year = document.year
            return year is not None and (low is None or low <= year) and (high is None or year <= high)
        case Flag(name, value):
            return f"{name}:{value}" in document.flags
    fields = WEIGHTS if query.field is None else (query.field,)
    return any(_in_field(query, name, document.texts.get(name, "")) for name in fields)


def _in_field(leaf: Leaf, name: str, text: str) -> bool:
    there = list(tokens(text))
    asked = query_tokens(leaf.text)
    plain = len(asked) == 1 and not asked[0].cjk
    match leaf:
        case Prefix() if plain:
            return any(token.word.startswith(asked[0].word) for token in there)
        case Fuzzy(distance=most) if plain:
            return any(token.word[:1] == asked[0].word[:1] and distance(token.word, asked[0].word, most) <= most for token in there)
        case Wildcard(text=pattern):
            regex = re.compile(re.escape(pattern.casefold()).replace(r"\*", ".*").replace(r"\?", "."))
            return any(regex.fullmatch(token.word) for token in there)
    slop = leaf.slop if isinstance(leaf, Phrase) else 1
    word = (lambda w: w) if name in UNSTEMMED else stem
    ends = {token.position for token in there if word(token.word) == word(asked[0].word)}
    for wanted in asked[1:]:
        ends = {t.position for t in there if word(t.word) == word(wanted.word) and any(0 < t.position - end <= slop for end in ends)}
    return bool(ends)
