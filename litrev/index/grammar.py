"""The query language, version 2: a small hand-written parser from what is typed to the query tree."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple, NoReturn

from litrev.errors import QuerySyntax
from litrev.index.analysis import query_tokens
from litrev.index.query import (
    And,
    Boosted,
    Everything,
    Flag,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
    Wildcard,
    YearRange,
)
from litrev.text.suggestions import did_you_mean

DEEPEST = 60  # brackets inside brackets
LONGEST = 100_000  # characters of a query
MOST_WORDS = 300  # in one query
MOST_OPEN = 40  # of them with * or ? or ~, which are looked for in the whole vocabulary
LONGEST_PHRASE = 60  # words, or pairs of Chinese characters
MOST_SLOP = 20

_SPACE = re.compile(r"\s*")
_FIELD = re.compile(r"([A-Za-z][\w-]*):(?!//|\s|$)")
_WORD = re.compile(r"(?:\\.|[^\s()\"“”\\])+")
_QUOTED = re.compile(r"\"([^\"]*)\"|“([^”]*)”")
_SLOP = re.compile(r"~(\d*)")
_FUZZY = re.compile(r"(.+?)~([12])?$", re.DOTALL)
_COMPARISON = re.compile(r"(>=|<=|>|<|=)\s*(\S*?)(?=[\s)]|$)")
_SAVED = re.compile(r"@([\w][\w.-]*)")
_BOOST = re.compile(r"\^(\d{1,3}(?:\.\d{1,3})?)(?=[\s)]|$)")
_BOOST_AT_END = re.compile(r"(?<=[^\\^])\^\d{1,3}(?:\.\d{1,3})?$")
_RANGE = re.compile(r"\[\s*([^\s\]]*)\s+TO\s+([^\s\]]*)\s*\]")
FLAGS = {
    "has": None,
    "missing": None,
    "state": ("proposed", "decided", "searched", "not_reported"),
    "is": ("undecided", "disputed", "decided"),
}


class Fields(NamedTuple):
    """What a query may name: fields ``known`` by their names, ``flagged`` those that has: and
    missing: take, ``saved`` queries.
    """

    known: Collection[str]
    flagged: Collection[str]
    saved: Mapping[str, str] = MappingProxyType({})


def parse(text: str, fields: Fields) -> Query:
    """The query tree of ``text``; raises QuerySyntax with the place of the fault.

    >>> parse("title:trust OR year:>=2018", Fields({"title", "year"}, ()))
    Or(parts=(Term(field='title', text='trust'), YearRange(low=2018, high=None)))
    """
    if len(text) > LONGEST:
        raise QuerySyntax(
            text, LONGEST, LONGEST + 1, f"the query has {len(text)} characters, more than {LONGEST}"
        )
    return _Parser(text, fields).run()


class _Parser:
    """Recursive descent: OR of AND of NOT of what can stand alone."""

    def __init__(self, text: str, fields: Fields, inside: tuple[str, ...] = ()) -> None:
        self.text, self.fields, self.inside = text, fields, inside
        self.at = self.depth = self.words = self.open = 0

    def run(self) -> Query:
        if not self.text.strip():
            return Everything()
        query = self.either(None)
        if self.at < len(self.text):
            self.fail(
                self.at,
                self.at + 1,
                "this bracket closes nothing",
                "Take it away, or open one before.",
            )
        return query

    # What follows what

    def either(self, field: str | None) -> Query:
        parts = [self.both(field)]
        while self.keyword("OR"):
            parts.append(self.both(field))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self, field: str | None) -> Query:
        parts = [self.one(field)]
        while True:
            self.skip()
            if self.at == len(self.text) or self.text[self.at] == ")" or self.peek("OR"):
                return parts[0] if len(parts) == 1 else And(tuple(parts))
            self.keyword("AND")
            parts.append(self.one(field))

    def one(self, field: str | None) -> Query:
        negations = 0
        while self.keyword("NOT"):
            negations += 1
        query = self.primary(field)
        return Not(query) if negations % 2 else query

    def primary(self, field: str | None) -> Query:
        self.skip()
        start = self.at
        if start == len(self.text):
            self.fail(
                start,
                start + 1,
                "something is missing at the end",
                "Add a word, or take the last operator away.",
            )
        if self.text[start] == "(":
            return self.boosted(self.group(field))
        if self.text[start] == "@" and (saved := _SAVED.match(self.text, start)):
            return self.boosted(self.saved(saved))
        if self.text[start] == ")":
            self.fail(
                start,
                start + 1,
                "something is missing before this bracket",
                "Put a word inside the brackets.",
            )
        for word in ("AND", "OR"):
            if self.peek(word):
                self.fail(
                    start,
                    start + len(word),
                    f"{word} has nothing on its left",
                    f"To search for the word itself write it small: {word.lower()}.",
                )
        named = _FIELD.match(self.text, start) if field is None else None
        if named:
            return self.in_field(named)
        return self.word(field)

    def group(self, field: str | None) -> Query:
        opened = self.at
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(opened, opened + 1, f"more than {DEEPEST} brackets inside each other")
        self.at += 1
        query = self.either(field)
        if self.at == len(self.text):
            self.fail(opened, opened + 1, "this bracket is not closed", "Add a ) at its end.")
        self.at += 1
        self.depth -= 1
        return query

    def boosted(self, query: Query) -> Query:
        """With ``^2`` behind it what stands before counts twice."""
        factor = _BOOST.match(self.text, self.at)
        if not factor:
            return query
        self.at = factor.end()
        return Boosted(query, float(factor.group(1)))

    def saved(self, named: re.Match[str]) -> Query:
        """The query that was saved under a name; what it says is read anew."""
        name = named.group(1)
        self.at = named.end()
        if name not in self.fields.saved:
            remedy = (
                did_you_mean(name, self.fields.saved)
                or f"Save it: litrev save {name} QUERY. To search for the word itself leave the @ away."
            )
            self.fail(named.start(), named.end(), f"no search is saved as @{name}", remedy)
        if name in self.inside:
            self.fail(
                named.start(),
                named.end(),
                f"@{name} would look for itself",
                "Save it anew without itself in it.",
            )
        inner = _Parser(self.fields.saved[name], self.fields, (*self.inside, name))
        query = inner.run()
        self.words += inner.words
        self.open += inner.open
        if self.words > MOST_WORDS or self.open > MOST_OPEN:
            self.fail(
                named.start(),
                named.end(),
                f"more than {MOST_WORDS} words in one query",
                "Ask for less at once.",
            )
        return query

    # What stands alone

    def in_field(self, named: re.Match[str]) -> Query:
        name = named.group(1).casefold().replace("-", "_")
        self.at = named.end()
        if name in FLAGS:
            return self.flag(name, named.start())
        if name == "year":
            return self.year(named.start())
        if name not in self.fields.known:
            known = sorted({*self.fields.known, *FLAGS, "year"})
            remedy = did_you_mean(name, known) or f"There are: {', '.join(known)}."
            self.fail(named.start(), named.end() - 1, f"there is no field {name}", remedy)
        if self.text[self.at] == "(":
            return self.boosted(self.group(name))
        return self.word(name)

    def flag(self, name: str, start: int) -> Query:
        match = _WORD.match(self.text, self.at)
        value = match.group().casefold().replace("-", "_") if match else ""
        allowed = FLAGS[name] or tuple(sorted({*self.fields.flagged, "abstract", "tag", "note"}))
        if value not in allowed:
            remedy = did_you_mean(value, allowed) or f"{name}: takes one of {', '.join(allowed)}."
            self.fail(
                start,
                match.end() if match else self.at,
                f"{name}: does not know {value or 'this'}",
                remedy,
            )
        self.at = match.end() if match else self.at
        return Flag(name, value)

    def year(self, start: int) -> Query:
        if self.text[self.at] == "[":
            found = _RANGE.match(self.text, self.at)
            if not found:
                self.fail(
                    self.at,
                    len(self.text),
                    "this is no range of years",
                    "Write it as year:[2018 TO 2023]; * leaves an end open.",
                )
            low, high = (self.number(found, group, "*") for group in (1, 2))
            if low is not None and high is not None and low > high:
                self.fail(
                    found.start(),
                    found.end(),
                    "the range ends before it begins",
                    f"Write year:[{high} TO {low}].",
                )
            self.at = found.end()
            return YearRange(low, high)
        comparison = _COMPARISON.match(self.text, self.at)
        if comparison:
            self.at = comparison.end()
            year = self.number(comparison, 2, "")
            if year is None:
                self.fail(
                    start,
                    comparison.end(),
                    f"a year is missing after {comparison.group(1)}",
                    "Write it as year:>=2018.",
                )
            sign = comparison.group(1)
            low = year + (sign == ">") if sign[0] in ">=" else None
            high = year - (sign == "<") if sign[0] in "<=" else None
            return YearRange(low, high)
        match = _WORD.match(self.text, self.at)
        year = self.number(match, 0, "") if match else None
        if match is None or year is None:
            self.fail(
                start,
                match.end() if match else self.at,
                "this is no year",
                "Write it as year:2018, year:>=2018 or year:[2018 TO 2023].",
            )
        self.at = match.end()
        return YearRange(year, year)

    def number(self, match: re.Match[str], group: int, empty: str) -> int | None:
        found = match.group(group)
        if found == empty:
            return None
        if not re.fullmatch(r"[0-9]{1,4}", found):
            self.fail(
                match.start(group),
                match.end(group),
                f"{found or 'this'} is no year",
                "A year is a number such as 2018.",
            )
        return int(found)

    def word(self, field: str | None) -> Query:
        start = self.at
        self.words += 1
        if self.words > MOST_WORDS:
            self.fail(
                start,
                start + 1,
                f"more than {MOST_WORDS} words in one query",
                "Ask for less at once.",
            )
        quoted = _QUOTED.match(self.text, start)
        if quoted:
            return self.boosted(self.phrase(field, quoted))
        if self.text[start] in '"“”':
            self.fail(start, start + 1, "this quotation mark is not closed", 'Add a " at its end.')
        match = _WORD.match(self.text, start)
        if match is None:
            self.fail(start, start + 1, "this cannot stand here")
        word, factor = match.group(), _BOOST_AT_END.search(match.group())
        self.at = match.end()
        if factor:
            word, self.at = word[: factor.start()], start + factor.start()
        return self.boosted(self.leaf(field, word, start))

    def leaf(self, field: str | None, word: str, start: int) -> Query:
        if "://" in word:  # an address typed as it is
            return Term(field, word)
        if word == "*":
            return (
                Everything()
                if field is None
                else Flag("has", field)
                if field in self.fields.flagged
                else Everything()
            )
        fuzzy = _FUZZY.match(word)
        plain = re.sub(r"\\(.)", r"\1", fuzzy.group(1) if fuzzy else word)
        stars = re.search(r"(?<!\\)[*?]", word)
        self.check_length(plain, start)
        self.open += bool(fuzzy or stars)
        if self.open > MOST_OPEN:
            self.fail(
                start,
                self.at,
                f"more than {MOST_OPEN} words with *, ? or ~ in one query",
                "Ask for less at once.",
            )
        if not query_tokens(plain.replace("*", "").replace("?", "")):
            self.fail(
                start,
                self.at,
                f"there is nothing to search for in {word}",
                "Search for letters, digits or characters.",
            )
        if fuzzy and not stars:
            return Fuzzy(field, plain, int(fuzzy.group(2) or 1))
        if stars and word.endswith("*") and stars.start() == len(word) - 1:
            return Prefix(field, plain[:-1])
        if stars and not plain.endswith("?"):
            return Wildcard(field, plain)
        if stars and "*" not in plain and plain.rstrip("?") and "?" not in plain.rstrip("?"):
            return Term(field, plain)  # a question typed as one: "what works?"
        return Wildcard(field, plain) if stars else Term(field, plain)

    def phrase(self, field: str | None, quoted: re.Match[str]) -> Query:
        self.at = quoted.end()
        text = quoted.group(1) if quoted.group(1) is not None else quoted.group(2)
        self.check_length(text, quoted.start())
        if not query_tokens(text):
            self.fail(
                quoted.start(),
                quoted.end(),
                "there is nothing to search for between these quotation marks",
                "Search for letters, digits or characters.",
            )
        slop = _SLOP.match(self.text, self.at)
        if slop:
            self.at = slop.end()
        return Phrase(field, text, min(int(slop.group(1)[:4] or 2), MOST_SLOP) if slop else 1)

    def check_length(self, text: str, start: int) -> None:
        if len(text) > LONGEST_PHRASE and len(query_tokens(text)) > LONGEST_PHRASE:
            self.fail(
                start,
                self.at,
                f"more than {LONGEST_PHRASE} words side by side",
                "Ask for a part of it.",
            )

    # Tools

    def skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def peek(self, word: str) -> bool:
        self.skip()
        return bool(re.compile(rf"{word}(?=[\s(]|$)").match(self.text, self.at))

    def keyword(self, word: str) -> bool:
        found = self.peek(word)
        self.at += len(word) * found
        return found

    def fail(self, start: int, end: int, reason: str, remedy: str = "") -> NoReturn:
        raise QuerySyntax(self.text, start, end, reason, remedy)
