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
        """The documents that match, in the order of their ids."""
        found = [document for document in self.documents.values() if matches(query, document)]
        return sorted(found, key=lambda document: document.id)

    def search(
        self,
        query: Query,
        limit: int | None,
        offset: int = 0,
        facets: Sequence[str] = (),
    ) -> Page:
        """What matches; all score the same."""
        found = self._found(query)
        counts: dict[str, Counter[str]] = {}
        for name in facets:
            counts[name] = Counter()
            for document in found:
                counts[name].update(_values(document, name))
        page = found[offset:][:limit]
        return Page(
            hits=tuple(Hit(document.id, 1.0) for document in page),
            total=len(found),
            partial=False,
            facets=counts,
        )

    def count(self, query: Query) -> int:
        return len(self._found(query))

    def ids(self, query: Query) -> set[str]:
        return {document.id for document in self._found(query)}

    def like(self, document: Document, limit: int) -> Page:
        """The documents that share the most words, however rare these are."""
        mine = _words(document)
        hits = []
        for other in self.documents.values():
            shared = mine & _words(other)
            if shared and other.id != document.id:
                hits.append(Hit(other.id, float(len(shared))))
        ranked = sorted(hits, key=lambda hit: (-hit.score, hit.id))
        return Page(tuple(ranked[:limit]), len(ranked))

    def weigh(self, parts: Sequence[Query], document_id: str) -> list[float]:
        return [float(matches(part, self.documents[document_id])) for part in parts]

    def suggest(self, word: str) -> str | None:
        counts = Counter[str]()
        for document in self.documents.values():
            counts.update({t.word for text in document.texts.values() for t in tokens(text)})
        same_beginning = [candidate for candidate in counts if candidate[0] == word[0]]
        for most in (1, 2):
            near = [
                candidate
                for candidate in same_beginning
                if 0 < distance(candidate, word, most) <= most
            ]
            if near:
                return max(near, key=lambda candidate: (counts[candidate], candidate))
        return None

    def terms(
        self,
        field: str,
        prefix: str,
        limit: int,
    ) -> list[tuple[str, int]]:
        counts = Counter[str]()
        for document in self.documents.values():
            text = document.texts.get(field, "")
            counts.update({token.word for token in tokens(text)})
        found = [(word, count) for word, count in counts.items() if word.startswith(prefix)]
        commonest = sorted(found, key=lambda entry: (-entry[1], entry[0]))
        return commonest[:limit]

    def compact(self) -> None:
        pass

    def health(self) -> Health:
        return Health(len(self.documents), 0, 1, 0)

    def close(self) -> None:
        pass


def _values(document: Document, name: str) -> tuple[str, ...]:
    """The values of a facet that a document has."""
    if name != "year":
        return document.facets.get(name, ())
    return () if document.year is None else (str(document.year),)


def _words(document: Document) -> set[str]:
    """The stems by which documents are alike."""
    stems = set()
    for name in ("title", "keywords", "abstract"):
        text = document.texts.get(name, "")
        stems |= {stem(token.word) for token in tokens(text)}
    return stems


def matches(query: Query, document: Document) -> bool:
    """Whether a document matches a query: each operator as the manual describes it."""
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
            if year is None:
                return False
            return (low is None or low <= year) and (high is None or year <= high)
        case Flag(name, value):
            return f"{name}:{value}" in document.flags
    fields = WEIGHTS if query.field is None else (query.field,)
    return any(_in_field(query, name, document.texts.get(name, "")) for name in fields)


def _in_field(leaf: Leaf, name: str, text: str) -> bool:
    """Whether the words of a leaf are in the text of the field ``name``."""
    there = list(tokens(text))
    words = [token.word for token in there]
    asked = query_tokens(leaf.text)
    plain = len(asked) == 1 and not asked[0].cjk
    match leaf:
        case Prefix() if plain:
            return any(word.startswith(asked[0].word) for word in words)
        case Fuzzy(distance=most) if plain:
            return any(_is_near(word, asked[0].word, most) for word in words)
        case Wildcard(text=pattern):
            escaped = re.escape(pattern.casefold())
            regex = re.compile(escaped.replace(r"\*", ".*").replace(r"\?", "."))
            return any(regex.fullmatch(word) for word in words)
    slop = leaf.slop if isinstance(leaf, Phrase) else 1
    root = (lambda word: word) if name in UNSTEMMED else stem
    roots = [root(token.word) for token in asked]
    rooted = [(root(token.word), token.position) for token in there]
    return _follow_each_other(roots, slop, rooted)


def _is_near(word: str, asked: str, most: int) -> bool:
    """Whether two words have the same beginning, and at most so many typing errors between them."""
    return word[:1] == asked[:1] and distance(word, asked, most) <= most


def _follow_each_other(
    roots: Sequence[str],
    slop: int,
    there: Sequence[tuple[str, int]],
) -> bool:
    """Whether the roots come one after the other, each at most ``slop`` after the one before.

    ``there`` has each root of the text with its position.
    """
    ends = {position for root, position in there if root == roots[0]}
    for wanted in roots[1:]:
        positions = [position for root, position in there if root == wanted]
        ends = {
            position for position in positions if any(0 < position - end <= slop for end in ends)
        }
    return bool(ends)
