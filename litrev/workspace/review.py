"""A review, question by question: what is undecided in each record, and the person's answers."""

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

Span = tuple[int, int]  # where something begins and ends in the abstract
BeginOperation = Callable[[str], AbstractContextManager[Operation]]  # with its name in the log


@dataclass(frozen=True, slots=True)
class Question:
    """Whether ``item`` is right, or, without one, what to put into an empty field."""

    field: StructuredField
    item: Item | None = None


class Review:
    """The records that a query means, and the position in them.

    ``ids`` are those of the records. ``at`` is the number of the record under review and
    ``cursor`` that of the question, both from 0. :attr:`record`, ``cells``, ``fields`` and
    ``questions`` are of this record. Each answer is saved at once, as an operation of its own; it
    returns whether it changed anything.

    Only the actor's own decisions count: what somebody else has decided is asked again, without
    showing who decided it. Proposals come first, the least confident before the others, then the
    empty fields.
    """

    def __init__(
        self,
        session: Session,
        selecting: Selecting,
        editing: Editing,
        begin_operation: BeginOperation,
        query: str = "",
    ) -> None:
        self._library = session.library
        self._languages = session.languages
        self._editing = editing
        self._begin_operation = begin_operation
        self.ids = selecting.select(query)
        self.at = 0
        self.cursor = 0
        # The operations of this review, each with the position where it was made.
        self.done: list[tuple[str, int, int]] = []
        self._record: Record | None = None
        if not self.ids:
            remedy = "Try another query." if query else "Add some with `litrev add`."
            raise NotFound("no record to review", remedy)
        self.at = self._first_undecided()
        self.load()

    # The position

    @property
    def record(self) -> Record:
        """The record that is being reviewed."""
        assert self._record is not None
        return self._record

    @property
    def question(self) -> Question | None:
        """The question that is asked now; None after the last one of the record."""
        if self.cursor >= len(self.questions):
            return None
        return self.questions[self.cursor]

    @property
    def undecided(self) -> int:
        """How many proposals of this record the actor has not decided."""
        return sum(question.item is not None for question in self.questions)

    def load(self) -> None:
        """Read the record again, and what there is to ask about it.

        Raises NotFound when somebody has removed all records under review.
        """
        codebook = self._library.codebook()
        self._record = self._present_record()
        self.cells = self._actor_cells(self.record.id)
        self.fields = {field.name: field for field in codebook.fields}
        self.questions = self._questions()
        self.cursor = min(self.cursor, len(self.questions))

    def _present_record(self) -> Record:
        """The record at the position; those that somebody has removed are left out from now on."""
        records = self._library.records([self.ids[self.at]])
        while not records and len(self.ids) > 1:
            del self.ids[self.at]
            self.at = min(self.at, len(self.ids) - 1)
            records = self._library.records([self.ids[self.at]])
        if not records:
            raise NotFound("the records under review were removed", "Try another query.")
        return records[0]

    def _questions(self) -> list[Question]:
        """What is undecided in the record: its proposals first, then its empty fields."""
        proposals: list[Item] = []
        empty_fields: list[str] = []
        for name, cell in self.cells.items():
            proposals += _proposed(cell)
            if not cell.items and cell.state is not CellState.NOT_REPORTED:
                empty_fields.append(name)
        # A stable sort: equally confident proposals stay in the order of the codebook.
        proposals.sort(key=lambda item: item.value.confidence)
        about_proposals = [Question(self.fields[item.value.field], item) for item in proposals]
        about_empty_fields = [Question(self.fields[name]) for name in empty_fields]
        return about_proposals + about_empty_fields

    def _first_undecided(self) -> int:
        """The number of the first record with something to decide; 0 when there is none."""
        for number, record_id in enumerate(self.ids):
            cells = self._actor_cells(record_id)
            if any(map(_proposed, cells.values())):
                return number
        return 0

    def _actor_cells(self, record_id: str) -> dict[str, Cell]:
        """The cells of a record as the actor alone sees them."""
        cells = self._library.cells([record_id], None, self._library.actor)
        return cells[record_id]

    def move(self, by: int) -> bool:
        """Go on by this many questions, or back by a negative number; False at the end.

        Beyond the questions of a record it goes to the first question of the next or previous one.
        """
        target = self.cursor + by
        if 0 <= target < len(self.questions):
            self.cursor = target
            return True
        return self.turn(1 if by > 0 else -1)

    def turn(self, by: int) -> bool:
        """Go to the record after or before this one; False when there is none."""
        target = self.at + by
        if not 0 <= target < len(self.ids):
            return False
        self._go_to(target, 0)
        return True

    def _go_to(self, at: int, cursor: int) -> None:
        self.at = at
        self.cursor = cursor
        self.load()

    def suggestions(self) -> list[Span]:
        """Where in the abstract a value for the empty field may be: sentences that fit it.

        There are none when nothing is asked, or the record has no abstract.
        """
        from litrev.library.extraction.suggesting import fitting_sentences

        question = self.question
        abstract = self.record.abstract
        if question is None or abstract is None:
            return []
        return fitting_sentences(abstract, question.field, self._languages)

    def sentences(self) -> list[Span]:
        """Where in the abstract each of its sentences is."""
        from litrev.library.extraction.pipeline import read

        abstract = self.record.abstract or ""
        _, sentences = read(abstract, self._languages)
        return [(sentence.start, sentence.end) for sentence in sentences]

    # The answers

    def accept(self) -> bool:
        """The proposal is right as it is; raises UsageFault where nothing is proposed."""
        record_id = self.record.id
        item = self._item()
        return self._save(lambda operation: edits.confirm(operation, record_id, item))

    def accept_all(self) -> bool:
        """All that is proposed for this record is right."""
        record_id = self.record.id
        cells = self.cells.values()
        return self._save(lambda operation: edits.accept(operation, record_id, cells) > 0)

    def reject(self) -> bool:
        """The proposal is wrong; raises UsageFault where nothing is proposed."""
        record_id = self.record.id
        item = self._item()
        return self._save(lambda operation: edits.reject(operation, record_id, item))

    def edit(self, text: str) -> bool:
        """``text`` is right instead of the proposal; its words are looked for in the abstract.

        An empty text changes nothing. Raises UsageFault where nothing is proposed.
        """
        item = self._item()
        text = text.strip()
        if not text:
            return False
        if text == item.value.text:
            return self.accept()
        return self._save(lambda operation: edits.edit_item(operation, self.record, item, text))

    def not_reported(self) -> bool:
        """The abstract says nothing about this field; what is proposed there is rejected.

        Raises UsageFault where no field is asked for, or values of it are decided already.
        """
        field = self._field()
        cell = self.cells[field.name]
        undecided = _proposed(cell)
        if len(undecided) < len(cell.items):
            raise UsageFault(
                f"you have already decided values of {field.heading.casefold()}",
                "Undo that first (u), or use `litrev set --not-reported`.",
            )
        return self._save(lambda operation: edits.not_reported(operation, self.record, cell))

    def add(self, text: str, field: str = "") -> bool:
        """Add a value in the person's own words, which are looked for in the abstract.

        ``field`` is the name of a field; without one, the field that is asked for. An empty text
        changes nothing. Raises UsageFault where no field is asked for.
        """
        chosen = self.fields.get(field) or self._field()
        text = text.strip()
        if not text:
            return False
        return self._save(lambda operation: self._enter(operation, chosen, text))

    def add_span(self, start: int, end: int, field: str = "") -> bool:
        """Add a value in the abstract's own words, from ``start`` to ``end``.

        The places are in Unicode code points. ``field`` is as in :meth:`add`.
        """
        chosen = self.fields.get(field) or self._field()
        return self._save(
            lambda operation: edits.enter_span(operation, self.record, chosen, start, end)
        )

    def undo(self) -> bool:
        """Undo the last answer of this review, and go back to its question.

        False when there is none.
        """
        if not self.done:
            return False
        operation_id, at, cursor = self.done[-1]
        # Forgotten only when undone: undo raises where others have changed the same since.
        self._editing.undo(operation_id)
        self.done.pop()
        # Records may have been removed since then, so that the list is shorter.
        last = len(self.ids) - 1
        self._go_to(min(at, last), cursor)
        return True

    def _enter(self, operation: Operation, field: StructuredField, text: str) -> bool:
        """Enter a value, which in a field that holds only one takes the place of what is there."""
        if field.single:
            cell = self.cells[field.name]
            return edits.enter(operation, self.record, cell, field, text, replace=True)
        return edits.enter_one(operation, self.record, field, text)

    def _item(self) -> Item:
        """The proposal that is asked about; raises UsageFault when there is none."""
        if self.question is None or self.question.item is None:
            raise UsageFault(
                "nothing is proposed here", "Add a value, or say that it is not reported."
            )
        return self.question.item

    def _field(self) -> StructuredField:
        """The field that is asked about; raises UsageFault when there is none."""
        if self.question is None:
            raise UsageFault("no field is asked for here", "Go to another record.")
        return self.question.field

    def _save(self, answer: Callable[[Operation], bool]) -> bool:
        """Save an answer as an operation of its own; return whether it changed anything."""
        with self._begin_operation("review") as operation:
            changed = answer(operation)
        if operation.changed and not operation.dry_run:
            self.done.append((operation.id, self.at, self.cursor))
        self.load()
        return changed


def _proposed(cell: Cell) -> list[Item]:
    """The items of a cell that the actor has not decided."""
    return [item for item in cell.items if item.state is ItemState.PROPOSED]
