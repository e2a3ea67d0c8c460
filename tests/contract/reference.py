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
        for document in documents:
            self.documents[document.id] = document
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
        found = [document for document in self.documents.values() if matches(query, document)]
        return sorted(found, key=lambda document: document.id)

    def search(
        self, query: Query, limit: int | None, offset: int = 0, facets: Sequence[str] = ()
    ) -> Page:
        found = self._found(query)
        counts = {name: _counted(found, name) for name in facets}
        shown = found[offset:][:limit]
        return Page(
            hits=tuple(Hit(document.id, 1.0) for document in shown),
            total=len(found),
            partial=False,
            facets=counts,
        )

    def count(self, query: Query) -> int:
        return len(self._found(query))

    def ids(self, query: Query) -> set[str]:
        return {document.id for document in self._found(query)}

    def like(self, document: Document, limit: int) -> Page:
        mine = _words(document)
        hits = []
        for other in self.documents.values():
            shared = len(mine & _words(other))
            if shared and other.id != document.id:
                hits.append(Hit(other.id, float(shared)))
        hits.sort(key=lambda hit: (-hit.score, hit.id))
        return Page(tuple(hits[:limit]), len(hits))

    def weigh(self, parts: Sequence[Query], document_id: str) -> list[float]:
        document = self.documents[document_id]
        return [float(matches(part, document)) for part in parts]

    def suggest(self, word: str) -> str | None:
        counts: Counter[str] = Counter()
        for document in self.documents.values():
            words: set[str] = set()
            for text in document.texts.values():
                words.update(token.word for token in tokens(text))
            counts.update(words)
        same_initial = [other for other in counts if other[0] == word[0]]
        for most in (1, 2):
            near = [other for other in same_initial if 0 < distance(other, word, most) <= most]
            if near:
                return max(near, key=lambda other: (counts[other], other))
        return None

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        counts: Counter[str] = Counter()
        for document in self.documents.values():
            text = document.texts.get(field, "")
            counts.update({token.word for token in tokens(text)})
        found = [(word, count) for word, count in counts.items() if word.startswith(prefix)]
        found.sort(key=lambda entry: (-entry[1], entry[0]))
        return found[:limit]

    def compact(self) -> None:
        pass

    def health(self) -> Health:
        return Health(len(self.documents), 0, 1, 0)

    def close(self) -> None:
        pass


def _values(document: Document, name: str) -> tuple[str, ...]:
    """What a facet counts in a document."""
    if name != "year":
        return document.facets.get(name, ())
    if document.year is None:
        return ()
    return (str(document.year),)


def _counted(documents: Iterable[Document], facet: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for document in documents:
        counts.update(_values(document, facet))
    return counts


def _words(document: Document) -> set[str]:
    """The stems by which documents are like one another."""
    stems: set[str] = set()
    for name in ("title", "keywords", "abstract"):
        text = document.texts.get(name, "")
        stems.update(stem(token.word) for token in tokens(text))
    return stems


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
            return _in_years(document.year, low, high)
        case Flag(name, value):
            return f"{name}:{value}" in document.flags
    fields = WEIGHTS if query.field is None else (query.field,)
    for name in fields:
        text = document.texts.get(name, "")
        if _in_field(query, name, text):
            return True
    return False


def _in_years(year: int | None, low: int | None, high: int | None) -> bool:
    if year is None:
        return False
    return (low is None or low <= year) and (high is None or year <= high)


def _in_field(leaf: Leaf, name: str, text: str) -> bool:
    """Whether the text of the field ``name`` has what a leaf asks for."""
    there = list(tokens(text))
    asked = query_tokens(leaf.text)
    first = asked[0].word if asked else ""
    plain = len(asked) == 1 and not asked[0].cjk
    match leaf:
        case Prefix() if plain:
            return any(token.word.startswith(first) for token in there)
        case Fuzzy(distance=most) if plain:
            return any(_is_near(token.word, first, most) for token in there)
        case Wildcard(text=pattern):
            escaped = re.escape(pattern.casefold())
            regex = re.compile(escaped.replace(r"\*", ".*").replace(r"\?", "."))
            return any(regex.fullmatch(token.word) for token in there)
    slop = leaf.slop if isinstance(leaf, Phrase) else 1
    as_indexed = str if name in UNSTEMMED else stem
    places: dict[str, set[int]] = {}
    for token in there:
        places.setdefault(as_indexed(token.word), set()).add(token.position)
    # Where the words so far end; each next one follows an end by at most ``slop`` places.
    ends = places.get(as_indexed(first), set())
    for wanted in asked[1:]:
        reachable = {end + step for end in ends for step in range(1, slop + 1)}
        ends = reachable & places.get(as_indexed(wanted.word), set())
    return bool(ends)


def _is_near(word: str, asked: str, most: int) -> bool:
    """Whether a word begins with the same letter and is at most ``most`` edits away."""
    return word[:1] == asked[:1] and distance(word, asked, most) <= most
