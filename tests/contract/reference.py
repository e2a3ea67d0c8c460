"""An engine in memory that is obviously right: it looks at every document for every query."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from litrev.index.analysis import query_tokens, stem, tokens
from litrev.index.documents import UNSTEMMED, WEIGHTS, Document
from litrev.index.engine import Health, Hit, Page, Seen
from litrev.index.query import (
    And,
    Boosted,
    Everything,
    Flag,
    Fuzzy,
    Leaf,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Wildcard,
    YearRange,
)
from litrev.index.spelling import distance


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

    def rebuild(
        self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]
    ) -> None:
        self.documents = {}
        for number, document in enumerate(documents, 1):
            self.documents[document.id] = document
            progress(number)
        self._seen = seen

    def _found(self, query: Query) -> list[Document]:
        return sorted(
            (document for document in self.documents.values() if matches(query, document)),
            key=lambda document: document.id,
        )

    def search(
        self, query: Query, limit: int | None, offset: int = 0, facets: Sequence[str] = ()
    ) -> Page:
        found = self._found(query)
        counts = {
            name: Counter(value for document in found for value in _values(document, name))
            for name in facets
        }
        return Page(
            tuple(Hit(document.id, 1.0) for document in found[offset:][:limit]),
            len(found),
            False,
            counts,
        )

    def count(self, query: Query) -> int:
        return len(self._found(query))

    def ids(self, query: Query) -> set[str]:
        return {document.id for document in self._found(query)}

    def like(self, document: Document, limit: int) -> Page:
        mine = _words(document)
        shared = {
            other.id: len(mine & _words(other))
            for other in self.documents.values()
            if other.id != document.id
        }
        ranked = sorted(
            (document_id for document_id, count in shared.items() if count),
            key=lambda one: (-shared[one], one),
        )
        return Page(
            tuple(Hit(document_id, float(shared[document_id])) for document_id in ranked[:limit]),
            len(ranked),
        )

    def weigh(self, parts: Sequence[Query], document_id: str) -> list[float]:
        return [float(matches(part, self.documents[document_id])) for part in parts]

    def suggest(self, word: str) -> str | None:
        counts = Counter(
            found
            for document in self.documents.values()
            for found in {t.word for text in document.texts.values() for t in tokens(text)}
        )
        for most in (1, 2):
            near = [
                found
                for found in counts
                if found[0] == word[0] and 0 < distance(found, word, most) <= most
            ]
            if near:
                return max(near, key=lambda found: (counts[found], found))
        return None

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        counts = Counter(
            word
            for document in self.documents.values()
            for word in {t.word for t in tokens(document.texts.get(field, ""))}
        )
        found = [(word, count) for word, count in counts.items() if word.startswith(prefix)]
        return sorted(found, key=lambda entry: (-entry[1], entry[0]))[:limit]

    def compact(self) -> None:
        pass

    def health(self) -> Health:
        return Health(len(self.documents), 0, 1, 0)

    def close(self) -> None:
        pass


def _values(document: Document, name: str) -> tuple[str, ...]:
    if name == "year":
        return (str(document.year),) if document.year is not None else ()
    return document.facets.get(name, ())


def _words(document: Document) -> set[str]:
    return {
        stem(token.word)
        for name in ("title", "keywords", "abstract")
        for token in tokens(document.texts.get(name, ""))
    }


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
        case Boosted(part):
            return matches(part, document)
        case YearRange(low, high):
            year = document.year
            return (
                year is not None and (low is None or low <= year) and (high is None or year <= high)
            )
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
            return any(
                token.word[:1] == asked[0].word[:1]
                and distance(token.word, asked[0].word, most) <= most
                for token in there
            )
        case Wildcard(text=pattern):
            regex = re.compile(
                re.escape(pattern.casefold()).replace(r"\*", ".*").replace(r"\?", ".")
            )
            return any(regex.fullmatch(token.word) for token in there)
    slop = leaf.slop if isinstance(leaf, Phrase) else 1
    word = (lambda w: w) if name in UNSTEMMED else stem
    ends = {token.position for token in there if word(token.word) == word(asked[0].word)}
    for wanted in asked[1:]:
        ends = {
            t.position
            for t in there
            if word(t.word) == word(wanted.word)
            and any(0 < t.position - end <= slop for end in ends)
        }
    return bool(ends)
