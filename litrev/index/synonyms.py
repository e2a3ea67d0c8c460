"""Words that a person searches for as one: ``党建 = party building``, a group per line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from litrev.errors import UsageFault
from litrev.index.analysis import query_tokens, stem
from litrev.index.query import And, Boosted, Not, Or, Phrase, Query, Term

Key = tuple[str, ...]
Synonyms = Mapping[Key, Sequence[str]]
_LONGEST = 6  # words typed side by side that are looked up as one synonym


def read_synonyms(files: Iterable[tuple[str, str]]) -> Synonyms:
    """The groups in the texts of files, which come with their names.

    Raises UsageFault that names the file and line when a line cannot be read.
    """
    synonyms: dict[Key, list[str]] = {}
    for text, place in files:
        for number, line in enumerate(text.splitlines(), 1):
            content = line.partition("#")[0].strip()
            if content:
                _add_group(synonyms, content, f"{place}:{number}")
    return synonyms


def _add_group(synonyms: dict[Key, list[str]], line: str, place: str) -> None:
    words = [word.strip() for word in line.split("=")]
    if len(words) < 2 or not all(map(_key, words)):
        raise UsageFault(
            f"{place}: this is not a group of synonyms",
            "Write words that mean the same with = between them: 党建 = party building",
        )
    for word in words:
        others = synonyms.setdefault(_key(word), [])
        others += (other for other in words if other != word and other not in others)


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
            return _with_others(query, synonyms.get(_key(query.text), ()), query.field)
    return query


def _joined(parts: Sequence[Query], synonyms: Synonyms) -> Query:
    """The same for parts of AND: words typed side by side may together have synonyms."""
    widened_parts, at = list[Query](), 0
    while at < len(parts):
        run = _longest_run(parts[at : at + _LONGEST], synonyms)
        if run:
            others = synonyms[_joint_key(run)]
            widened_parts.append(_with_others(And(tuple(run)), others, run[0].field))
            at += len(run)
        else:
            widened_parts.append(widened(parts[at], synonyms))
            at += 1
    return widened_parts[0] if len(widened_parts) == 1 else And(tuple(widened_parts))


def _longest_run(parts: Sequence[Query], synonyms: Synonyms) -> list[Term]:
    """The most of the first ``parts``, at least two, that together have synonyms."""
    run = list[Term]()
    for part in parts:
        if not isinstance(part, Term) or (run and part.field != run[0].field):
            break
        run.append(part)
    while len(run) > 1 and _joint_key(run) not in synonyms:
        run.pop()
    return run if len(run) > 1 else []


def _joint_key(words: Iterable[Term]) -> Key:
    return tuple(root for word in words for root in _key(word.text))


def _with_others(query: Query, others: Sequence[str], field: str | None) -> Query:
    if not others:
        return query
    return Or((query, *(Phrase(field, other) for other in others)))


def _key(text: str) -> Key:
    return tuple(stem(token.word) for token in query_tokens(text))
