"""Record, Value, Evidence and the states of a cell: plain typed data."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

_VENUE_FIELDS = (
    "journal",
    "journaltitle",
    "booktitle",
    "school",
    "institution",
    "publisher",
    "howpublished",
)


class Verdict(StrEnum):
    """What a person decided about a value or a field."""

    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"
    ENTER = "enter"
    NOT_REPORTED = "not reported"


class ItemState(StrEnum):
    """The state of one item of a cell."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    DISPUTED = "disputed"


class CellState(StrEnum):
    """The five states of a cell, in the order in which a cell reaches them."""

    NEVER = "never extracted"
    SEARCHED = "searched, nothing found"
    PROPOSED = "proposed"
    DECIDED = "decided"
    NOT_REPORTED = "not reported"


class Evidence(NamedTuple):
    """The words a value comes from: ``abstract[start:end] == quote``, in Unicode code points.

    ``stale`` says that the abstract was edited and the words are no longer there.
    """

    start: int
    end: int
    quote: str
    stale: bool = False


class Value(NamedTuple):
    """One value of a structured field, made by a rule, a model or a person; it never changes.

    ``label`` is the term of the field's vocabulary, or None. ``number`` is a chapter's number.
    ``maker`` names the rule (``rule:...``) or the person (``person:...``).
    """

    id: str
    field: str
    text: str
    label: str | None
    evidence: tuple[Evidence, ...]
    maker: str
    confidence: float
    made: str
    number: int | None = None

    @property
    def display(self) -> str:
        """What a table shows: the vocabulary's label if there is one, else the text."""
        return self.label or self.text


class Decision(NamedTuple):
    """One person's latest decision on a value (``subject`` is its id) or a whole field (``""``)."""

    actor: str
    field: str
    subject: str
    verdict: Verdict
    value_id: str | None
    at: str


class Item(NamedTuple):
    """One entry of a cell: a value, its state, and who decided.

    ``subject`` is the id of the value that decisions about the item name. When somebody edited a
    proposal, that is the id of the proposal and not of the edited value.
    """

    value: Value
    state: ItemState
    actors: tuple[str, ...] = ()
    subject: str = ""


class Cell(NamedTuple):
    """What is known about one field of one record."""

    field: str
    state: CellState
    items: tuple[Item, ...] = ()

    @property
    def texts(self) -> list[str]:
        """What a table shows for each item, see :attr:`Value.display`."""
        return [item.value.display for item in self.items]

    @property
    def undecided(self) -> bool:
        """Whether a person still has something to decide here."""
        return any(item.state is not ItemState.DECIDED for item in self.items)


class Field(NamedTuple):
    """One bibliographic field: the decoded ``value`` and, from BibTeX, the raw expression."""

    name: str
    value: str
    raw: str | None = None


class Note(NamedTuple):
    """A remark a person left on a record."""

    id: str
    text: str
    actor: str
    at: str


class Record(NamedTuple):
    """One work: key, entry type, bibliographic fields in order, unchanged abstract, tags, notes."""

    id: str
    key: str
    entry_type: str
    fields: tuple[Field, ...]
    abstract: str | None
    tags: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    aliases: tuple[str, ...] = ()
    key_generated: bool = False
    type_guessed: bool = False
    revision: int = 0
    created: str = ""
    seq: int = 0
    inherited: tuple[Field, ...] = ()

    def get(self, name: str) -> str:
        """The decoded value of the bibliographic field ``name``, or an empty string.

        A field that is inherited by crossref counts, but the record's own field comes first.
        """
        # Called several times for each record of a library: plain loops without a generator.
        for fields in (self.fields, self.inherited):
            for field in fields:
                if field.name == name:
                    return field.value
        return ""

    @property
    def title(self) -> str:
        """The title on one line, empty when there is none; :meth:`label` is never empty."""
        return " ".join(self.get("title").split())

    @property
    def year(self) -> int | None:
        """The first four-digit number of ``year`` or ``date``; None when there is none."""
        for name in ("year", "date", "issued"):
            year = _four_digits(self.get(name))
            if year is not None:
                return year
        return None

    @property
    def venue(self) -> str:
        """Where the work appeared: the journal, else the book, the school or the publisher."""
        for name in _VENUE_FIELDS:
            value = self.get(name)
            if value:
                return value
        return ""

    def label(self, width: int = 60) -> str:
        """The title, or the first words of the abstract in quotation marks.

        It is at most ``width`` characters long; a cut is marked by "…".
        """
        title = self.title
        if title:
            return _cut(title, width)
        words = " ".join((self.abstract or "").strip(" \t\r\n|").split())
        if not words:
            return "(no title, no abstract)"
        return f"“{_cut(words, width - 2)}”"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _four_digits(text: str) -> int | None:
    """The first number in ``text`` that has exactly four ASCII digits."""
    run = ""
    # The blank at the end closes a number that ends the text.
    for char in text + " ":
        if "0" <= char <= "9":
            run += char
            continue
        if len(run) == 4:
            return int(run)
        run = ""
    return None
