"""What a package needs that adds a format or a renderer: the types, and checks for its own tests.

A format is named in the entry points of the group ``litrev.formats``, a renderer of tables in
``litrev.renderers``; docs/plugins.md shows one of each. In the package's tests

    check_format(FORMAT, {"one.xyz": "the text of a small file"})
    check_renderer(render)

go through what litrev asks of them, and raise AssertionError with the law that is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from litrev.library.bibtex.entry_source import Entry
from litrev.library.formats import registry
from litrev.library.formats.format import Export, Format, Options, Structured
from litrev.library.formats.plugin import attempt, broken_law, is_text, why_not_a_format
from litrev.library.model.record import (
    Cell,
    CellState,
    Evidence,
    Field,
    Item,
    ItemState,
    Record,
    Value,
)
from litrev.library.model.source import Block, Problem, Reading, Text, Work
from litrev.library.render.registry import Renderer
from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import Column, Row, Table, TableCell, TableItem

__all__ = [
    "Block",
    "Cell",
    "Column",
    "Entry",
    "Evidence",
    "Export",
    "Field",
    "Format",
    "Item",
    "Options",
    "Problem",
    "Reading",
    "Record",
    "Renderer",
    "Rendering",
    "Row",
    "Structured",
    "Table",
    "TableCell",
    "TableItem",
    "Text",
    "Value",
    "Work",
    "check_format",
    "check_renderer",
]


def check_format(fmt: Format, samples: Mapping[str, str], *, known_to_others: bool = False) -> None:
    """Raise AssertionError where a format breaks what litrev asks of one.

    ``samples`` are texts by the names of their files, each with at least one work. litrev must take
    each for this format, unless with ``known_to_others`` another may claim it as well; nothing of a
    text may be lost; whatever text comes, nothing is raised; what is written is read again. A
    format that only writes needs no samples.
    """
    attempt(lambda: _check_format(fmt, samples, known_to_others), _raised)


def check_renderer(render: Callable[[Table, Rendering], str | bytes]) -> None:
    """Raise AssertionError where a renderer breaks what litrev asks of one.

    That is text or bytes for any table, and the same each time.
    """
    attempt(lambda: _check_renderer(render), _raised)


def _raised(problem: str) -> AssertionError:
    """The error for a broken law, or for another exception that was raised on the way."""
    law = problem.removeprefix("AssertionError: ")
    if law == problem:
        return AssertionError(f"it raises {problem}")
    return AssertionError(law)


def _check_format(fmt: Format, samples: Mapping[str, str], known_to_others: bool) -> None:
    problem = why_not_a_format(fmt)
    assert not problem, f"it {problem}"
    assert fmt.read or fmt.write, f"{fmt.name} neither reads nor writes"
    if fmt.read:
        for name, content in samples.items():
            text = _text(content, name)
            if not known_to_others:
                _check_claimed(fmt, text)
            _check_read(fmt, text)
    if fmt.write:
        _check_written(fmt)
    if fmt.read and fmt.write:
        _check_read_again(fmt)


def _text(content: str, name: str) -> Text:
    return Text(text=content, name=name, encoding="utf-8", bom=False, newline="\n", sha256="")


def _check_claimed(fmt: Format, text: Text) -> None:
    """No other format is as sure that this text is its own."""
    for other in registry.formats().values():
        if other.name != fmt.name and other.recognises(text) >= fmt.recognises(text):
            raise AssertionError(f"{text.name}: {other.name} claims it as surely")


def _check_read(fmt: Format, text: Text) -> None:
    """A text has works, gives the same each time, and raises nothing when it is spoilt."""
    assert fmt.read
    reading = fmt.read(text)
    problem = broken_law(text, reading)
    assert not problem, f"{text.name}: {problem}"
    assert reading.works, f"{text.name}: no work was read"
    assert reading == fmt.read(text), f"{text.name}: read twice, it gives two things"
    for content in _spoilt(text.text):
        spoilt = _text(content, text.name)
        likely = fmt.recognises(spoilt)
        assert 0 <= likely <= 1, f"{text.name}: recognises gives {likely}"
        problem = broken_law(spoilt, fmt.read(spoilt))
        assert not problem, f"{text.name}, cut or spoilt: {problem}"


def _spoilt(text: str) -> Iterator[str]:
    """A text whole, cut short, doubled, turned round, and with what nobody expects."""
    yield from (
        text,
        "",
        "\n",
        text * 2,
        text[::-1],
        text.replace("\n", "\r\n"),
        "\ufeff" + text,
        "\x00\x1b",
        "党建引领",
        text + "\x00",
    )
    for sevenths in range(1, 7):
        yield text[: len(text) * sevenths // 7]


def _check_written(fmt: Format) -> None:
    """What is written is texts, the same each time, with any structured fields and no entries."""
    assert fmt.write
    entries = _entries()
    for structured in Structured:
        options = Options(structured)
        export = fmt.write(entries, options)
        pieces = list(export.pieces)
        assert all(isinstance(piece, str) for piece in pieces), "a piece is not a text"
        again = fmt.write(entries, options)
        assert pieces == list(again.pieces), "written twice, it gives two things"
        left_out_in_words = all(isinstance(lost, str) for lost in export.left_out)
        assert left_out_in_words, "what is left out is not described in texts"
    list(fmt.write([], Options()).pieces)


def _check_read_again(fmt: Format) -> None:
    """What is written is read as the same works."""
    assert fmt.read
    assert fmt.write
    suffix = fmt.suffixes[0] if fmt.suffixes else ""
    export = fmt.write(_entries(), Options())
    content = "".join(export.pieces)
    reading = fmt.read(_text(content, f"written{suffix}"))
    titles = [work.get("title") for work in reading.works]
    expected = [record.title for record in _RECORDS]
    assert titles == expected, f"what is written is read as {titles}"


def _entries() -> list[Entry]:
    """Entries with what formats find hard: signs, markup, a formula, Chinese, line breaks."""
    return [Entry(record, lambda: _CELLS) for record in _RECORDS]


def _check_renderer(render: Callable[[Table, Rendering], str | bytes]) -> None:
    """Render a table, one without rows, and one in groups with quotes."""
    empty = Table("", _TABLE.columns, ())
    grouped = Table("T", _TABLE.columns, _TABLE.rows, grouped_by="Methods", quotes=True)
    for table in (_TABLE, empty, grouped):
        for rendering in (Rendering(), Rendering(standalone=True)):
            written = render(table, rendering)
            kind = type(written).__name__
            text_or_bytes = isinstance(written, bytes) or is_text(written)
            assert text_or_bytes, f"it gave a {kind} that is neither text nor bytes"
            again = render(table, rendering)
            assert written == again, "rendered twice, it gives two things"


_WORDS = (
    "Trust & “quality”: 50 % of {all}",
    "=SUM(A1) | a_b ^ ~ #1 $5",
    "党建引领社区治理 — α-synuclein",
    "a\nb\tc",
)
_VALUE = Value(
    id="v",
    field="methods",
    text="semi-structured interviews",
    label="interview",
    evidence=(Evidence(3, 29, "semi-structured interviews"),),
    maker="rule:x",
    confidence=0.9,
    made="2026-01-01",
)
_DECIDED = Item(value=_VALUE, state=ItemState.DECIDED, actors=("anna",), subject="v")
_CELLS = {
    "methods": Cell("methods", CellState.DECIDED, (_DECIDED,)),
    "site": Cell("site", CellState.NOT_REPORTED),
}


def _record(number: int, title: str) -> Record:
    return Record(
        id=f"00000000-0000-4000-8000-00000000000{number}",
        key=f"key{number}",
        entry_type="article",
        fields=(
            Field("author", "Müller, Ute and 欧阳, 小雨"),
            Field("title", " ".join(title.split())),
            Field("journal", "J & K"),
            Field("year", "2020"),
        ),
        abstract=f"We semi-structured interviews. <b>{title}</b>",
    )


def _row(record: Record, text: str, state: ItemState) -> Row:
    key = TableItem(record.key)
    method = TableItem(text, state)
    return Row(
        record_id=record.id,
        key=record.key,
        cells=(TableCell(CellState.DECIDED, (key,)), TableCell(CellState.PROPOSED, (method,))),
        group=text,
    )


_RECORDS = tuple(_record(number, title) for number, title in enumerate(_WORDS))
_STATES = (*ItemState, ItemState.PROPOSED)
_TABLE = Table(
    title="A title | of <all>",
    columns=(Column("key", "Key"), Column("methods", "Methods", structured=True)),
    rows=tuple(map(_row, _RECORDS, _WORDS, _STATES)),
)
