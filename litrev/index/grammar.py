"""The query language, version 2: a small parser from what is typed to the query tree."""

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

DEEPEST = 60  # parentheses inside parentheses
LONGEST = 100_000  # characters of a query
MOST_WORDS = 300  # in one query
MOST_OPEN = 40  # words with *, ? or ~ in one query: each is looked for in the whole vocabulary
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
    """What a query may name.

    ``known`` are all fields but the year, ``flagged`` those that has: and missing: take beside
    abstract, tag and note. ``saved`` has the text of each saved query by its name, without the @.
    """

    known: Collection[str]
    flagged: Collection[str]
    saved: Mapping[str, str] = MappingProxyType({})


def parse(text: str, fields: Fields) -> Query:
    """The query tree of ``text``; every record when it is blank.

    Raises QuerySyntax with the place of the error: for what cannot be read, for a field or saved
    query that does not exist, and for a query beyond the limits above.

    >>> parse("title:trust OR year:>=2018", Fields({"title", "year"}, ()))
    Or(parts=(Term(field='title', text='trust'), YearRange(low=2018, high=None)))
    """
    if len(text) > LONGEST:
        reason = f"the query has {len(text)} characters, more than {LONGEST}"
        raise QuerySyntax(text, start=LONGEST, end=LONGEST + 1, reason=reason)
    return _Parser(text, fields).parse()


class _Parser:
    """A parser by recursive descent, with a method for each rule:

        or       =  and { "OR" and }
        and      =  not { [ "AND" ] not }
        not      =  { "NOT" } primary
        primary  =  ( "(" or ")" | "@" name | word ) [ "^" factor ]  |  field
        field    =  name ":" ( "(" or ")" | word ) [ "^" factor ]  |  flag ":" value
                 |  "year:" ( year | sign year | "[" year "TO" year "]" )
        word     =  a word, with *, ? or ~ in it  |  '"' phrase '"' [ "~" slop ]

    ``at`` is the offset of what is read next. ``field``, where a method takes it, is the field
    whose parentheses the parser is in; there no other field can be named. ``inside`` are the names
    of the saved queries that led here.
    """

    def __init__(self, text: str, fields: Fields, inside: tuple[str, ...] = ()) -> None:
        self.text = text
        self.fields = fields
        self.inside = inside
        self.at = 0
        self.depth = 0  # of open parentheses
        self.words = 0
        self.open = 0  # words with *, ? or ~

    def parse(self) -> Query:
        """The query of the whole text."""
        if not self.text.strip():
            return Everything()
        query = self.parse_or(None)
        if self.at < len(self.text):
            # Only a closing parenthesis ends an OR before the end of the text.
            self.fail_at(
                self.at,
                reason="unmatched closing parenthesis",
                remedy="Remove it, or add a ( before it.",
            )
        return query

    # Operators

    def parse_or(self, field: str | None) -> Query:
        parts = [self.parse_and(field)]
        while self.take_keyword("OR"):
            parts.append(self.parse_and(field))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def parse_and(self, field: str | None) -> Query:
        parts = [self.parse_not(field)]
        while not self.at_end_of_and():
            self.take_keyword("AND")  # words side by side mean AND too
            parts.append(self.parse_not(field))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def at_end_of_and(self) -> bool:
        self.skip_space()
        if self.at == len(self.text):
            return True
        return self.text[self.at] == ")" or self.sees_keyword("OR")

    def parse_not(self, field: str | None) -> Query:
        # A loop and no recursion: thousands of NOT would be too deep for Python.
        negations = 0
        while self.take_keyword("NOT"):
            negations += 1
        query = self.parse_primary(field)
        return Not(query) if negations % 2 else query

    def parse_primary(self, field: str | None) -> Query:
        self.skip_space()
        self.expect_operand()
        start = self.at
        if self.text[start] == "(":
            return self.boosted(self.parse_group(field))
        saved = _SAVED.match(self.text, start)
        if saved:
            return self.boosted(self.parse_saved(saved))
        if field is None:
            named = _FIELD.match(self.text, start)
            if named:
                return self.parse_field(named)
        return self.parse_word(field)

    def expect_operand(self) -> None:
        """Fail when the query ends here, or goes on with what joins or closes operands."""
        start = self.at
        if start == len(self.text):
            self.fail_at(
                start,
                reason="a word is missing at the end of the query",
                remedy="Add a word, or remove the last operator.",
            )
        if self.text[start] == ")":
            self.fail_at(
                start,
                reason="a word is missing before this closing parenthesis",
                remedy="Put a word inside the parentheses.",
            )
        for word in ("AND", "OR"):
            if self.sees_keyword(word):
                lower = word.lower()
                self.fail(
                    start,
                    start + len(word),
                    reason=f"a word is missing before {word}",
                    remedy=f"To search for the word itself, write it in lower case: {lower}.",
                )

    def parse_group(self, field: str | None) -> Query:
        """What is in the parentheses that open here."""
        opened = self.at
        self.depth += 1
        if self.depth > DEEPEST:
            reason = f"more than {DEEPEST} parentheses inside each other"
            self.fail_at(opened, reason)
        self.at += 1
        query = self.parse_or(field)
        if self.at == len(self.text):
            self.fail_at(opened, reason="unmatched opening parenthesis", remedy="Add a ) after it.")
        self.at += 1
        self.depth -= 1
        return query

    def boosted(self, query: Query) -> Query:
        """The query, with the boost when one follows, such as ``^2``."""
        factor = _BOOST.match(self.text, self.at)
        if not factor:
            return query
        self.at = factor.end()
        return Boosted(query, float(factor.group(1)))

    def parse_saved(self, named: re.Match[str]) -> Query:
        """The query that was saved under a name, parsed with the fields there are now."""
        name = named.group(1)
        start, self.at = named.span()
        if name not in self.fields.saved:
            save_it = f"Save it: litrev save {name} QUERY."
            remedy = f"{save_it} To search for the word itself, remove the @."
            suggestion = did_you_mean(name, self.fields.saved)
            self.fail(
                start, self.at, reason=f"no search is saved as @{name}", remedy=suggestion or remedy
            )
        if name in self.inside:
            self.fail(
                start,
                self.at,
                reason=f"@{name} contains itself",
                remedy=f"Save it again without @{name} in it.",
            )
        text = self.fields.saved[name]
        inner = _Parser(text, self.fields, inside=(*self.inside, name))
        query = inner.parse()
        # The limits are for the whole query, whatever its parts were saved as.
        self.words += inner.words
        self.open += inner.open
        if self.words > MOST_WORDS or self.open > MOST_OPEN:
            reason = f"more than {MOST_WORDS} words in one query"
            self.fail(start, self.at, reason, remedy="Use fewer words.")
        return query

    # Fields

    def parse_field(self, named: re.Match[str]) -> Query:
        """What is looked for in the field that is named here, or the flag or years."""
        name = _canonical(named.group(1))
        start, self.at = named.span()
        if name in FLAGS:
            return self.parse_flag(name, start)
        if name == "year":
            return self.parse_year(start)
        if name not in self.fields.known:
            known = sorted({*self.fields.known, *FLAGS, "year"})
            self.fail(
                start,
                self.at - 1,
                reason=f"there is no field {name}",
                remedy=did_you_mean(name, known) or f"The fields are: {', '.join(known)}.",
            )
        if self.text[self.at] == "(":
            return self.boosted(self.parse_group(name))
        return self.parse_word(name)

    def parse_flag(self, name: str, start: int) -> Query:
        value = ""
        match = _WORD.match(self.text, self.at)
        if match:
            self.at = match.end()
            value = _canonical(match.group())
        can_be_missing = {*self.fields.flagged, "abstract", "tag", "note"}
        allowed = FLAGS[name] or tuple(sorted(can_be_missing))
        if value not in allowed:
            reason = f"{value} is not a value of {name}:" if value else f"{name}: needs a value"
            remedy = did_you_mean(value, allowed) or f"{name}: takes one of {', '.join(allowed)}."
            self.fail(start, self.at, reason, remedy)
        return Flag(name, value)

    def parse_year(self, start: int) -> Query:
        """The years after ``year:``, which began at ``start``."""
        if self.text[self.at] == "[":
            return self.parse_year_range()
        comparison = _COMPARISON.match(self.text, self.at)
        if comparison:
            self.at = comparison.end()
            return self.compared_years(comparison, start)
        match = _WORD.match(self.text, self.at)
        if match is None:
            self.fail(
                start,
                self.at,
                reason="this is not a year",
                remedy="Write it as year:2018, year:>=2018 or year:[2018 TO 2023].",
            )
        year = self.year_in(match, 0, "")
        self.at = match.end()
        return YearRange(year, year)

    def parse_year_range(self) -> Query:
        match = _RANGE.match(self.text, self.at)
        if not match:
            self.fail(
                self.at,
                len(self.text),
                reason="this is not a range of years",
                remedy="Write it as year:[2018 TO 2023]; * leaves an end open.",
            )
        low = self.year_in(match, 1, "*")
        high = self.year_in(match, 2, "*")
        if low is not None and high is not None and low > high:
            self.fail(
                match.start(),
                match.end(),
                reason="the range ends before it begins",
                remedy=f"Write year:[{high} TO {low}].",
            )
        self.at = match.end()
        return YearRange(low, high)

    def compared_years(self, comparison: re.Match[str], start: int) -> Query:
        """The years of a comparison such as ``>=2018``."""
        sign = comparison.group(1)
        year = self.year_in(comparison, 2, "")
        if year is None:
            self.fail(
                start,
                comparison.end(),
                reason=f"a year is missing after {sign}",
                remedy="Write it as year:>=2018.",
            )
        ranges = {
            "=": YearRange(year, year),
            ">=": YearRange(year, None),
            ">": YearRange(year + 1, None),
            "<=": YearRange(None, year),
            "<": YearRange(None, year - 1),
        }
        return ranges[sign]

    def year_in(self, match: re.Match[str], group: int, empty: str) -> int | None:
        """The year in a group of a match; None when it is ``empty``."""
        digits = match.group(group)
        if digits == empty:
            return None
        if not re.fullmatch(r"[0-9]{1,4}", digits):
            self.fail(
                match.start(group),
                match.end(group),
                reason=f"{digits or 'this'} is not a year",
                remedy="A year is a number such as 2018.",
            )
        return int(digits)

    # Words and phrases

    def parse_word(self, field: str | None) -> Query:
        """The word or phrase that begins here, with its boost."""
        start = self.at
        self.words += 1
        if self.words > MOST_WORDS:
            reason = f"more than {MOST_WORDS} words in one query"
            self.fail_at(start, reason, remedy="Use fewer words.")
        quoted = _QUOTED.match(self.text, start)
        if quoted:
            return self.boosted(self.parse_phrase(field, quoted))
        if self.text[start] in '"“”':
            self.fail_at(
                start, reason="unmatched quotation mark", remedy='Add a " at the end of the phrase.'
            )
        match = _WORD.match(self.text, start)
        if match is None:
            self.fail_at(start, "this character is not allowed here")
        word = match.group()
        factor = _BOOST_AT_END.search(word)
        if factor:
            word = word[: factor.start()]
        self.at = start + len(word)
        return self.boosted(self.leaf(field, word, start))

    def leaf(self, field: str | None, word: str, start: int) -> Query:
        """What a word without quotation marks and boost looks for."""
        if "://" in word:  # an address, in which ? and ~ mean themselves
            return Term(field, word)
        if word == "*":
            if field is not None and field in self.fields.flagged:
                return Flag("has", field)
            return Everything()
        fuzzy = _FUZZY.match(word)
        wildcard = re.search(r"(?<!\\)[*?]", word)
        typed = fuzzy.group(1) if fuzzy else word
        plain = re.sub(r"\\(.)", r"\1", typed)
        is_open = bool(fuzzy or wildcard)
        self.check_leaf(word, plain, is_open, start)
        if wildcard:
            return _with_wildcards(field, word, plain, wildcard.start())
        if fuzzy:
            return Fuzzy(field, plain, int(fuzzy.group(2) or 1))
        return Term(field, plain)

    def check_leaf(self, word: str, plain: str, is_open: bool, start: int) -> None:
        """Fail when a word is too long, one of too many that are open, or has no letters."""
        self.check_length(plain, start)
        self.open += is_open
        if self.open > MOST_OPEN:
            reason = f"more than {MOST_OPEN} words with *, ? or ~ in one query"
            self.fail(start, self.at, reason, remedy="Use fewer of them.")
        without_wildcards = plain.replace("*", "").replace("?", "")
        if not query_tokens(without_wildcards):
            self.fail(
                start,
                self.at,
                reason=f"there is nothing to search for in {word}",
                remedy="Search for letters, digits or characters.",
            )

    def parse_phrase(self, field: str | None, quoted: re.Match[str]) -> Query:
        start, self.at = quoted.span()
        straight, curly = quoted.groups()
        text = curly if straight is None else straight
        self.check_length(text, start)
        if not query_tokens(text):
            self.fail(
                start,
                self.at,
                reason="there is nothing to search for between these quotation marks",
                remedy="Search for letters, digits or characters.",
            )
        return Phrase(field, text, self.parse_slop())

    def parse_slop(self) -> int:
        """How many positions apart the words of a phrase may be: 2 for ``~`` without a number."""
        slop = _SLOP.match(self.text, self.at)
        if not slop:
            return 1
        self.at = slop.end()
        digits = slop.group(1)[:4]  # Python refuses to read a number of thousands of digits
        return min(int(digits or 2), MOST_SLOP)

    def check_length(self, text: str, start: int) -> None:
        # Text of so few characters cannot have so many words, and need not be divided into them.
        if len(text) > LONGEST_PHRASE and len(query_tokens(text)) > LONGEST_PHRASE:
            reason = f"more than {LONGEST_PHRASE} words in one phrase"
            self.fail(start, self.at, reason, remedy="Search for a part of it.")

    # Tools

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        if match:
            self.at = match.end()

    def sees_keyword(self, word: str) -> bool:
        """Whether an operator comes next, as a word of its own and in capitals."""
        self.skip_space()
        keyword = re.compile(rf"{word}(?=[\s(]|$)")
        return bool(keyword.match(self.text, self.at))

    def take_keyword(self, word: str) -> bool:
        seen = self.sees_keyword(word)
        if seen:
            self.at += len(word)
        return seen

    def fail_at(self, place: int, reason: str, remedy: str = "") -> NoReturn:
        """Raise QuerySyntax for the character at ``place``, or for the end of the text."""
        self.fail(place, place + 1, reason, remedy)

    def fail(self, start: int, end: int, reason: str, remedy: str = "") -> NoReturn:
        """Raise QuerySyntax for what is at ``text[start:end]``."""
        raise QuerySyntax(self.text, start, end, reason, remedy)


def _canonical(name: str) -> str:
    """A name of a field, flag or value as it is known, however it was typed.

    >>> _canonical("Not-Reported")
    'not_reported'
    """
    return name.casefold().replace("-", "_")


def _with_wildcards(field: str | None, word: str, plain: str, first: int) -> Query:
    """A word with ``*`` or ``?``, the first of them at ``first``; ``plain`` is without escapes."""
    if word.endswith("*") and first == len(word) - 1:
        return Prefix(field, plain[:-1])
    beginning = plain.rstrip("?")
    has_others = "*" in plain or "?" in beginning
    if beginning and plain.endswith("?") and not has_others:
        # A question as people type it: "what works?"
        return Term(field, plain)
    return Wildcard(field, plain)
