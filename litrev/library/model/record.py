"""Record, Value, Evidence and the states of a cell: plain typed data."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What a person says of a value or a field."""

    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"
    ENTER = "enter"
    NOT_REPORTED = "not reported"


class ItemState(StrEnum):
    """How far one item of a cell has come."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    DISPUTED = "disputed"


class CellState(StrEnum):
    """The five states of a cell, in the order in which a cell gets them."""

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
    """One value of a structured field, as a rule, a model or a person made it; it never changes.

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
        """What a table shows: the vocabulary's label where there is one, else the text."""
        return self.label or self.text


class Decision(NamedTuple):
    """One person's standing word on a value (``subject`` is its id) or on a whole field (``""``)."""

    actor: str
    field: str
    subject: str
    verdict: Verdict
    value_id: str | None
    at: str


class Item(NamedTuple):
    """One entry of a cell: a value, how far it has come, and who decided.

    ``subject`` is the id of the value that decisions about it name: the proposal's, when the value
    is what somebody edited it to.
    """

    value: Value
    state: ItemState
    actors: tuple[str, ...] = ()
    subject: str = ""


class Cell(NamedTuple):
    """What is known of one field of one record."""

    field: str
    state: CellState
    items: tuple[Item, ...] = ()

    @property
    def texts(self) -> list[str]:
        """What a table shows of its items: the vocabulary's label where there is one, else the
        text.
        """
        return [item.value.display for item in self.items]

    @property
    def undecided(self) -> bool:
        """Whether a person still has something to decide here."""
        return any(item.state is not ItemState.DECIDED for item in self.items)


class Field(NamedTuple):
    """One bibliographic field: its decoded ``value`` and, if it came from BibTeX, the raw
    expression.
    """

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
    """One work: key, entry type, bibliographic fields in order, the untouched abstract, tags,
    notes.
    """

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
        """The decoded value of the bibliographic field ``name``, its own or inherited by crossref,
        or an empty string.
        """
        for fields in (self.fields, self.inherited):
            for field in fields:
                if field.name == name:
                    return field.value
        return ""

    @property
    def title(self) -> str:
        """The title, on one line; empty when there is none. :meth:`label` then gives the first
        words of the abstract.
        """
        return " ".join(self.get("title").split())

    @property
    def year(self) -> int | None:
        """The first four-digit number of ``year`` or ``date``; None when there is none."""
        for name in ("year", "date", "issued"):
            digits = _four_digits(self.get(name))
            if digits is not None:
                return digits
        return None

    @property
    def venue(self) -> str:
        """Where the work appeared: journal, book, school or publisher, whichever is given first."""
        names = (
            "journal",
            "journaltitle",
            "booktitle",
            "school",
            "institution",
            "publisher",
            "howpublished",
        )
        return next((value for name in names if (value := self.get(name))), "")

    def label(self, width: int = 60) -> str:
        """The title, or the first words of the abstract in quotation marks; never longer than
        ``width``.
        """
        title = self.title
        if title:
            return title if len(title) <= width else title[: width - 1].rstrip() + "…"
        words = " ".join((self.abstract or "").strip(" \t\r\n|").split())
        if not words:
            return "(no title, no abstract)"
        return f"“{words}”" if len(words) <= width - 2 else f"“{words[: width - 3].rstrip()}…”"


def _four_digits(text: str) -> int | None:
    run = ""
    for char in text + " ":
        if "0" <= char <= "9":
            run += char
            continue
        if len(run) == 4:
            return int(run)
        run = ""
    return None
