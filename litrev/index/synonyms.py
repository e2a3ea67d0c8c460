"""Words a person holds for the same: ``党建 = party building``, a group a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from litrev.errors import UsageFault
from litrev.index.analysis import query_tokens, stem
from litrev.index.query import And, Boosted, Leaf, Not, Or, Phrase, Query, Term

Key = tuple[str, ...]
Synonyms = Mapping[Key, Sequence[str]]
_LONGEST = 6  # words of a synonym that are put together again when they were typed side by side


def read_synonyms(files: Iterable[tuple[str, str]]) -> Synonyms:
    """The groups in the texts of files with their names; raises UsageFault that names the file and
    line for one that cannot be read.
    """
    found: dict[Key, list[str]] = {}
    lines = (
        (line.partition("#")[0].strip(), place, number)
        for text, place in files
        for number, line in enumerate(text.splitlines(), 1)
    )
    for line, place, number in lines:
        words = [word.strip() for word in line.split("=")] if line else []
        if line and (len(words) < 2 or not all(map(_key, words))):
            raise UsageFault(
                f"{place}:{number}: this is no group of synonyms",
                "Write words that mean the same with = between them: 党建 = party building",
            )
        for word in words:
            others = found.setdefault(_key(word), [])
            others += (other for other in words if other != word and other not in others)
    return found


def widened(query: Query, synonyms: Synonyms) -> Query:
    """The query with each word or phrase that has synonyms also looked for by them."""
    match query:
        case And(parts):
            return _joined(parts, synonyms)
        case Or(parts):
            return Or(tuple(widened(part, synonyms) for part in parts))
        case Not(part):
            return Not(widened(part, synonyms))
        case Boosted(part, factor):
            return Boosted(widened(part, synonyms), factor)
        case Term() | Phrase(slop=1):
            return _with_others(query, query, synonyms.get(_key(query.text), ()), query.field)
    return query


def _joined(parts: Sequence[Query], synonyms: Synonyms) -> Query:
    """Words typed side by side may together be one that has synonyms."""
    found, at = list[Query](), 0
    while at < len(parts):
        run, n = parts[at : at + _LONGEST], 1
        for n in range(len(run), 1, -1):
            words = [
                part
                for part in run[:n]
                if isinstance(part, Term) and part.field == getattr(run[0], "field", "")
            ]
            key = tuple(word for part in words for word in _key(part.text))
            if len(words) == n and key in synonyms:
                found.append(
                    _with_others(And(tuple(words)), words[0], synonyms[key], words[0].field)
                )
                break
        else:
            found.append(widened(parts[at], synonyms))
            n = 1
        at += n
    return found[0] if len(found) == 1 else And(tuple(found))


def _with_others(query: Query, leaf: Leaf, others: Sequence[str], field: str | None) -> Query:
    return Or((query, *(Phrase(field, other) for other in others))) if others else query


def _key(text: str) -> Key:
    return tuple(stem(token.word) for token in query_tokens(text))
