"""A review, question by question: what is undecided in each record, and the person's answers, each
saved at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from litrev.errors import NotFound, UsageFault
from litrev.library.model.codebook import StructuredField
from litrev.library.model.record import Cell, CellState, Item, ItemState, Record
from litrev.library.storage import edits
from litrev.library.storage.operations import Operation
from litrev.workspace.editing import Editing
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session

Span = tuple[int, int]
Doing = Callable[
    [str], AbstractContextManager[Operation]
]  # an operation, with its words for the log


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: whether ``item`` is right, or, without one, what to put into an empty field."""

    field: StructuredField
    item: Item | None = None


class Review:
    """The records a query means, and where in them one stands.

    Only the actor's own decisions count: what somebody else has decided is asked again, unseen by
    whom. Proposals come first, the least confident before the others, then the empty fields.
    """

    def __init__(
        self,
        session: Session,
        selecting: Selecting,
        editing: Editing,
        doing: Doing,
        query: str = "",
    ) -> None:
        self._library, self._languages = session.library, session.languages
        self._editing, self._doing = editing, doing
        self.ids = selecting.select(query)
        self.at = 0
        self.cursor = 0
        self.done: list[
            tuple[str, int, int]
        ] = []  # operations of this review, with where they were made
        self._record: Record | None = None
        if not self.ids:
            raise NotFound(
                "no record to review",
                "Add some with `litrev add`." if not query else "Ask for others.",
            )
        self.at = next((n for n in range(len(self.ids)) if self._undecided(self.ids[n])), 0)
        self.load()

    # Where one stands

    @property
    def record(self) -> Record:
        """The record that is being reviewed."""
        assert self._record is not None
        return self._record

    @property
    def question(self) -> Question | None:
        """What is asked now; None when the record holds nothing more to ask."""
        return self.questions[self.cursor] if self.cursor < len(self.questions) else None

    @property
    def undecided(self) -> int:
        """How many proposals of this record wait for the actor's word."""
        return sum(question.item is not None for question in self.questions)

    def load(self) -> None:
        """Read the record again, and what is to be asked of it."""
        library = self._library
        found = library.records([self.ids[self.at]])
        while not found and len(self.ids) > 1:  # somebody has removed it
            del self.ids[self.at]
            self.at = min(self.at, len(self.ids) - 1)
            found = library.records([self.ids[self.at]])
        if not found:
            raise NotFound("the records under review were removed", "Ask for others.")
        self._record = found[0]
        self.cells = library.cells([self.record.id], None, library.actor)[self.record.id]
        self.fields = {field.name: field for field in library.codebook().fields}
        self.questions = self._questions()
        self.cursor = min(self.cursor, len(self.questions))

    def _questions(self) -> list[Question]:
        asked = [
            Question(self.fields[name], item)
            for name, cell in self.cells.items()
            for item in cell.items
            if item.state is ItemState.PROPOSED
        ]
        asked.sort(key=lambda question: question.item.value.confidence if question.item else 0)
        empty = [
            name
            for name, cell in self.cells.items()
            if not cell.items and cell.state is not CellState.NOT_REPORTED
        ]
        return asked + [Question(self.fields[name]) for name in empty]

    def _undecided(self, record_id: str) -> bool:
        cells = self._library.cells([record_id], None, self._library.actor)[record_id]
        return any(
            item.state is ItemState.PROPOSED for cell in cells.values() for item in cell.items
        )

    def move(self, by: int) -> bool:
        """Go on by so many questions, into the records beside this one; False at the end of all."""
        target = self.cursor + by
        if 0 <= target < len(self.questions):
            self.cursor = target
            return True
        return self.turn(1 if by > 0 else -1)

    def turn(self, by: int) -> bool:
        """Go to the record after or before this one; False when there is none."""
        if not 0 <= self.at + by < len(self.ids):
            return False
        self.at, self.cursor = self.at + by, 0
        self.load()
        return True

    def suggestions(self) -> list[Span]:
        """Where in the abstract a value for the empty field may stand."""
        from litrev.library.extraction.suggesting import fitting_sentences

        question = self.question
        if question is None or self.record.abstract is None:
            return []
        return fitting_sentences(self.record.abstract, question.field, self._languages)

    def sentences(self) -> list[Span]:
        """Where in the abstract each of its sentences stands."""
        from litrev.library.extraction.pipeline import read

        return [
            (sentence.start, sentence.end)
            for sentence in read(self.record.abstract or "", self._languages)[1]
        ]

    # What the person says

    def accept(self) -> bool:
        """The proposal is right as it stands."""
        item = self._item()
        return self._say(lambda operation: edits.confirm(operation, self.record.id, item))

    def accept_all(self) -> bool:
        """All that is proposed for this record is right."""
        return self._say(
            lambda operation: bool(edits.accept(operation, self.record.id, self.cells.values()))
        )

    def reject(self) -> bool:
        """The proposal is wrong."""
        item = self._item()
        return self._say(lambda operation: edits.reject(operation, self.record.id, item))

    def edit(self, text: str) -> bool:
        """``text`` is right instead; its words are looked for in the abstract."""
        item = self._item()
        if not text.strip() or text.strip() == item.value.text:
            return self.accept() if text.strip() else False
        return self._say(
            lambda operation: edits.edit_item(operation, self.record, item, text.strip())
        )

    def not_reported(self) -> bool:
        """The abstract says nothing of this field; what is proposed there is rejected."""
        field = self._field()
        if any(item.state is not ItemState.PROPOSED for item in self.cells[field.name].items):
            raise UsageFault(
                f"you have decided values of {field.heading.casefold()} already",
                "Take them back first (u), or use `litrev set --not-reported`.",
            )
        return self._say(
            lambda operation: edits.not_reported(operation, self.record, self.cells[field.name])
        )

    def add(self, text: str, field: str = "") -> bool:
        """A value in the person's own words; where they stand in the abstract is found."""
        chosen, text = self.fields.get(field) or self._field(), text.strip()
        if not text:
            return False
        return self._say(lambda operation: self._entered(operation, chosen, text))

    def add_span(self, start: int, end: int, field: str = "") -> bool:
        """A value in the abstract's own words."""
        chosen = self.fields.get(field) or self._field()
        return self._say(
            lambda operation: edits.enter_span(operation, self.record, chosen, start, end)
        )

    def undo(self) -> bool:
        """Take back the last answer of this review, and stand where it was given; False when there
        is none.
        """
        if not self.done:
            return False
        operation, at, cursor = self.done[-1]
        self._editing.undo(operation)
        self.done.pop()
        self.at, self.cursor = min(at, len(self.ids) - 1), cursor
        self.load()
        return True

    def _entered(self, operation: Operation, field: StructuredField, text: str) -> bool:
        cell: Cell = self.cells[field.name]
        if field.single:
            return edits.enter(operation, self.record, cell, field, text, replace=True)
        return edits.enter_one(operation, self.record, field, text)

    def _item(self) -> Item:
        if self.question is None or self.question.item is None:
            raise UsageFault(
                "nothing is proposed here", "Add a value, or say that it is not reported."
            )
        return self.question.item

    def _field(self) -> StructuredField:
        if self.question is None:
            raise UsageFault("no field is asked for here", "Go to another record.")
        return self.question.field

    def _say(self, answer: Callable[[Operation], bool]) -> bool:
        """Do what was answered, as an operation of its own, and ask what is next."""
        at, cursor = self.at, self.cursor
        with self._doing("review") as operation:
            changed = answer(operation)
        if operation.changed and not operation.dry_run:
            self.done.append((operation.id, at, cursor))
        self.load()
        return changed
