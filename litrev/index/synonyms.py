"""Words that a person searches for as one: ``党建 = party building``, a group per line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from litrev.errors import UsageFault
from litrev.index.analysis import query_tokens, stem
from litrev.index.query import And, Boosted, Not, Or, Phrase, Query, Term

Key = tuple[str, ...]
Synonyms = Mapping[Key, Sequence[str]]  # the other texts of its groups, by the stems of a text
_LONGEST = 6  # words typed side by side that are looked up as one synonym


def read_synonyms(files: Iterable[tuple[str, str]]) -> Synonyms:
    """The groups in the texts of files, as the others of a group by the stems of each text.

    ``files`` are pairs of a text and the name of its file. What follows a # in a line is left out.
    Raises UsageFault that names the file and line when a line cannot be read.

    >>> read_synonyms([("nurses = nursing staff  # people", "synonyms.txt")])
    {('nurs',): ['nursing staff'], ('nurs', 'staff'): ['nurses']}
    """
    synonyms: dict[Key, list[str]] = {}
    for text, place in files:
        for number, line in enumerate(text.splitlines(), 1):
            content = line.partition("#")[0].strip()
            if content:
                _add_group(synonyms, content, f"{place}:{number}")
    return synonyms


def _add_group(synonyms: dict[Key, list[str]], line: str, place: str) -> None:
    """Add the texts of a line to the others of each of them; each is there once."""
    words = [word.strip() for word in line.split("=")]
    all_can_be_found = all(map(_key, words))
    if len(words) < 2 or not all_can_be_found:
        raise UsageFault(
            f"{place}: this is not a group of synonyms",
            "Write words that mean the same with = between them: 党建 = party building",
        )
    for word in words:
        others = synonyms.setdefault(_key(word), [])
        for other in words:
            if other != word and other not in others:
                others.append(other)


def widened(query: Query, synonyms: Synonyms) -> Query:
    """The query with each word or phrase that has synonyms also looked for by them.

    Words with ``*``, ``?`` or ``~`` and phrases with a distance are left as they are.
    """
    match query:
        case And(parts):
            return _joined(parts, synonyms)
        case Or(parts):
            widened_parts = [widened(part, synonyms) for part in parts]
            return Or(tuple(widened_parts))
        case Not(part):
            return Not(widened(part, synonyms))
        case Boosted(part, factor):
            return Boosted(widened(part, synonyms), factor)
        case Term() | Phrase(slop=1):
            others = synonyms.get(_key(query.text), ())
            return _with_others(query, others, query.field)
    return query


def _joined(parts: Sequence[Query], synonyms: Synonyms) -> Query:
    """The same for parts of AND: words typed side by side may together have synonyms."""
    widened_parts = list[Query]()
    at = 0
    while at < len(parts):
        run = _longest_run(parts[at : at + _LONGEST], synonyms)
        if run:
            words = And(tuple(run))
            others = synonyms[_joint_key(run)]
            widened_parts.append(_with_others(words, others, run[0].field))
            at += len(run)
        else:
            widened_parts.append(widened(parts[at], synonyms))
            at += 1
    return widened_parts[0] if len(widened_parts) == 1 else And(tuple(widened_parts))


def _longest_run(parts: Sequence[Query], synonyms: Synonyms) -> list[Term]:
    """As many of the first ``parts`` as together have synonyms; empty when not even two have.

    They are words without operators, in the same field.
    """
    run = list[Term]()
    for part in parts:
        if not isinstance(part, Term):
            break
        if run and part.field != run[0].field:
            break
        run.append(part)
    while len(run) > 1 and _joint_key(run) not in synonyms:
        run.pop()
    return run if len(run) > 1 else []


def _joint_key(words: Iterable[Term]) -> Key:
    text = " ".join(word.text for word in words)
    return _key(text)


def _with_others(query: Query, others: Sequence[str], field: str | None) -> Query:
    """The query, or any of the other texts as a phrase in the same field."""
    if not others:
        return query
    phrases = [Phrase(field, other) for other in others]
    return Or((query, *phrases))


def _key(text: str) -> Key:
    """The stems of a text, by which forms of the same words are found."""
    words = (token.word for token in query_tokens(text))
    return tuple(map(stem, words))
