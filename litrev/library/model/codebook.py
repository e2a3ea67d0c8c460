"""The structured fields: what they mean, their labels, and the words that point to them.

The built-in fields come with litrev. A library's own definition is TOML. It defines fields of its
own, and it can change everything in a built-in field except the kind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from litrev.errors import UsageFault

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_WORDS = 500  # cues or values of one field
# Of a codebook. An index keeps a field in one byte, and the fields of the metadata need some of
# its 256 values.
MOST_FIELDS = 200
# Names that mean something else in a query, in a table or in BibTeX.
TAKEN = frozenset({
    "key", "title", "author", "authors", "year", "venue", "type", "entry_type", "entrytype",
    "abstract", "tag", "tags", "note", "notes", "has", "missing", "state", "is", "id", "doi", "url",
    "field", "journal", "booktitle", "publisher", "school", "language", "keywords", "volume",
    "number", "pages", "bib", "litrev",
})  # fmt: skip
# What a definition can say about a field, in the order in which it is written.
_KEYS = ("heading", "kind", "definition", "vocabulary", "cues", "values", "retired")

_Fault = Callable[..., UsageFault]


class Kind(StrEnum):
    """What a structured field holds."""

    TEXT = "text"
    LIST = "list"
    CATEGORY = "category"
    NUMBER = "number"
    YES_NO = "yes/no"


@dataclass(frozen=True, slots=True)
class StructuredField:
    """One field of the codebook.

    ``values`` are the labels that a value can have, each with its other names in abstracts.
    ``cues`` are the words that point to the field, in the syntax of the cue files.
    """

    name: str
    heading: str
    kind: Kind
    definition: str
    vocabulary: str | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cues: tuple[str, ...] = ()
    own: bool = False
    retired: bool = False

    @property
    def single(self) -> bool:
        """Whether a cell of this field holds one value."""
        return self.kind is not Kind.LIST


@dataclass(frozen=True, slots=True)
class Codebook:
    """The structured fields in order, and the version of their definition.

    ``every`` also holds retired fields.
    """

    version: int
    every: tuple[StructuredField, ...]

    @property
    def fields(self) -> tuple[StructuredField, ...]:
        """The fields that are not retired, in order."""
        return tuple(field for field in self.every if not field.retired)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields that are not retired, in order."""
        return tuple(field.name for field in self.fields)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> StructuredField:
        for known in self.fields:
            if known.name == name:
                return known
        raise UsageFault(
            f"no structured field is named {name}", f"There are: {', '.join(self.names)}."
        )


@cache
def built_in() -> tuple[StructuredField, ...]:
    """The fields that come with litrev."""
    import json

    # JSON and not TOML: every command reads it, and the reader of TOML takes longer to load than a
    # search takes to answer.
    path = Path(__file__).with_name("codebook.json")
    entries = json.loads(path.read_text("utf-8"))
    return tuple(_new_field(name, entry) for name, entry in entries.items())


@cache
def codebook(version: int, definition: str) -> Codebook:
    """The codebook of a library: the built-in fields, then the person's own from their TOML.

    Raises UsageFault when ``definition`` cannot be a codebook.
    """
    entries = read(definition, "the library's codebook")
    fields = []
    for base in built_in():
        changes = entries.pop(base.name, {})
        fields.append(_changed_field(base, changes) if changes else base)
    for name, entry in entries.items():
        fields.append(_new_field(name, entry, own=True))
    return Codebook(version, tuple(fields))


def _new_field(name: str, entry: Mapping[str, Any], *, own: bool = False) -> StructuredField:
    """The field that ``entry`` defines; its heading is made of its name if there is no other."""
    heading = name.replace("_", " ").capitalize()
    kind = Kind(entry["kind"])
    base = StructuredField(name, heading, kind, definition="", own=own)
    return _changed_field(base, entry)


def _changed_field(base: StructuredField, entry: Mapping[str, Any]) -> StructuredField:
    """``base`` with what ``entry`` says otherwise; its kind always stays."""
    return replace(
        base,
        heading=entry.get("heading") or base.heading,
        definition=entry.get("definition", base.definition),
        vocabulary=entry.get("vocabulary", base.vocabulary),
        values=_values(entry.get("values", {})) or base.values,
        cues=_cues(entry.get("cues", ())) or base.cues,
        retired=entry.get("retired", False),
    )


def _values(values: Any) -> dict[str, tuple[str, ...]]:
    """The labels with their other names, from a table of both or a list of labels."""
    if isinstance(values, Mapping):
        return {label: tuple(names) for label, names in values.items()}
    return dict.fromkeys(values, ())


def _cues(cues: Any) -> tuple[str, ...]:
    """The cues, from a list or a table of lists."""
    if isinstance(cues, Mapping):
        return tuple(chain.from_iterable(cues.values()))
    return tuple(cues)


# The definition as text


def read(text: str, source: str) -> dict[str, dict[str, Any]]:
    """The fields that a TOML text defines, each as a dict of its keys.

    Raises UsageFault for a text that cannot be a codebook; the message names ``source``, the line
    and the remedy.
    """
    if not text.strip():
        return {}
    table = _parsed(text, source)
    for number, (name, entry) in enumerate(table.items(), 1):
        _check(name, entry, text, source)
        if number > MOST_FIELDS:
            raise UsageFault(
                f"{source}:{line_of(text, name)}: a codebook has at most {MOST_FIELDS} fields",
                "Put some together, as values of one field.",
            )
    return table


def _parsed(text: str, source: str) -> dict[str, Any]:
    """The table of a TOML text; raises UsageFault for another text."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The error carries its place only in its text: "… (at line 3, column 5)".
        line = re.search(r"line (\d+)", str(error))
        where = f"{source}:{line.group(1)}" if line else source
        problem, _, _ = str(error).partition(" (at")
        raise UsageFault(
            f"{where}: {problem}", 'A codebook is TOML: [name], kind = "text", definition = "…".'
        ) from error


def _check(name: str, entry: Any, text: str, source: str) -> None:
    """Raise UsageFault for what cannot be a field."""

    def fault(problem: str, remedy: str, key: str = "") -> UsageFault:
        return UsageFault(f"{source}:{line_of(text, name, key)}: {problem}", remedy)

    if not isinstance(entry, dict):
        raise fault(f"{name} is not a field", f"Write [{name}] and below it kind and definition.")
    _check_name(name, fault)
    for key in entry:
        if key not in _KEYS:
            remedy = f"A field has: {', '.join(sorted(_KEYS))}."
            raise fault(f"{name} has no {key!r:.40}", remedy, key)
    kind = _checked_kind(name, entry, fault)
    for key in ("heading", "definition", "vocabulary"):
        if not _is_line(entry.get(key, "")):
            raise fault(f"the {key} of {name} is not a line of text", f'Write {key} = "…".', key)
    if not isinstance(entry.get("retired", False), bool):
        raise fault(
            f"retired of {name} is neither true nor false", "Write retired = true.", "retired"
        )
    cue_groups = _cue_groups(entry.get("cues", []))
    value_groups = _value_groups(entry.get("values", []))
    _check_words(name, "cues", cue_groups, fault)
    _check_words(name, "values", value_groups, fault)
    if kind == Kind.CATEGORY and not entry.get("values"):
        raise fault(
            f"{name} is a category without values",
            'Say which there are: values = ["one", "other"].',
            "values" if "values" in entry else "kind",
        )


def _check_name(name: str, fault: _Fault) -> None:
    """Raise UsageFault for a name that the query language could not use."""
    if not NAME.fullmatch(name):
        raise fault(
            f"{name!r:.60} cannot name a field",
            "A name is small letters, digits and _, and begins with a letter.",
        )
    if name in TAKEN:
        raise fault(
            f"{name} names something else already", f"Choose another, such as {name}_of_study."
        )


def _checked_kind(name: str, entry: Mapping[str, Any], fault: _Fault) -> str:
    """The kind that the entry names, or that of the built-in field, which cannot be changed."""
    built_in_kinds = {field.name: field.kind for field in built_in()}
    kind = entry.get("kind", built_in_kinds.get(name))
    if kind not in list(Kind):
        problem = f"{name} has no kind" if kind is None else f"{kind!r:.40} is not a kind"
        raise fault(problem, f"A kind is one of: {', '.join(Kind)}.", "kind")
    if kind != built_in_kinds.get(name, kind):
        raise fault(
            f"{name} comes with litrev and is a {built_in_kinds[name]}",
            "Give your own field another name.",
            "kind",
        )
    return str(kind)


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and all(ord(char) >= 32 for char in value)


def _cue_groups(cues: Any) -> list[Any]:
    """The lists of words among the cues: one list, or a table of several."""
    if isinstance(cues, dict):
        return list(cues.values())
    return [cues]


def _value_groups(values: Any) -> list[Any]:
    """The lists of words among the values: one list, or a table of labels and their names."""
    if isinstance(values, dict):
        labels = list(values)
        return [*values.values(), labels]
    return [values]


def _check_words(name: str, key: str, groups: list[Any], fault: _Fault) -> None:
    """Raise UsageFault unless all groups are lists of words, few enough and each there once."""
    if not all(map(_are_words, groups)):
        raise fault(
            f"the {key} of {name} are not a list of words", f'Write {key} = ["one", "other"].', key
        )
    words = chain.from_iterable(groups)
    counts = Counter(map(str.casefold, words))
    if counts.total() > MOST_WORDS:
        raise fault(f"{name} has more than {MOST_WORDS} {key}", "Keep those that matter.", key)
    for word, count in counts.items():
        if count > 1:
            raise fault(f"{key} of {name} name {word!r:.40} twice", "Keep it once.", key)


def _are_words(group: Any) -> bool:
    if not isinstance(group, list):
        return False
    return all(isinstance(word, str) and word.strip() for word in group)


def line_of(text: str, name: str, key: str = "") -> int:
    """The line of a TOML text on which a field, or a ``key`` of it, is defined.

    It counts from 1. It is the line of the field when the key is not found, and 1 when the field
    is not found.
    """
    lines = text.split("\n")
    start = _header_index(lines, name)
    if key:
        return _key_index(lines, start, key) + 1
    return start + 1


def _header_index(lines: list[str], name: str) -> int:
    """The index of the line where the table of a field begins, 0 if it is not found."""
    escaped = re.escape(name)
    header = re.compile(
        rf"""\s*\[\s*["']?{escaped}["']?\s*[\].]"""  # [name] or [name.values]
        rf"""|\s*{escaped}\s*[=.]"""  # name = {…} or name.kind = …
    )
    for index, line in enumerate(lines):
        if header.match(line):
            return index
    return 0


def _key_index(lines: list[str], start: int, key: str) -> int:
    """The index of the line of a key in the table that begins at ``start``, else ``start``."""
    escaped = re.escape(key)
    definition = re.compile(
        rf"""\s*["']?{escaped}["']?\s*[=.]"""  # key = … or key.label = …
        rf"""|\s*\[[^\]]*\.{escaped}\s*\]"""  # [name.key]
    )
    for index in range(start, len(lines)):
        # A table without a dot in its name is the next field.
        if index > start and re.match(r"\s*\[[^.\]]*\]", lines[index]):
            break
        if definition.match(lines[index]):
            return index
    return start


def write(table: Mapping[str, Mapping[str, Any]]) -> str:
    """The fields as TOML, in the form that :func:`read` reads."""
    parts = []
    for name, entry in table.items():
        lines = [f"[{name}]\n"]
        lines += [f"{key} = {_toml(entry[key])}\n" for key in _KEYS if key in entry]
        parts.append("".join(lines))
    return "\n".join(parts)


def _toml(value: Any) -> str:
    """A value as TOML on one line: a text, truth value, list, or table of such."""
    import json

    if isinstance(value, Mapping):
        pairs = [f"{_toml(key)} = {_toml(item)}" for key, item in value.items()]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    # A JSON string is a TOML string, but TOML also forbids a bare DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def entry_of(one: StructuredField) -> dict[str, Any]:
    """What a definition says about a field, as a dict of its keys; empty ones are left out."""
    entry: dict[str, Any] = {
        "heading": one.heading,
        "kind": one.kind.value,
        "definition": one.definition,
    }
    if one.vocabulary:
        entry["vocabulary"] = one.vocabulary
    if one.cues:
        entry["cues"] = list(one.cues)
    if any(one.values.values()):
        entry["values"] = {label: list(names) for label, names in one.values.items()}
    elif one.values:
        entry["values"] = list(one.values)
    if one.retired:
        entry["retired"] = True
    return entry


def changed(definition: str, changes: Mapping[str, Mapping[str, Any]]) -> str:
    """``definition`` with ``changes`` to the keys of some fields; a None removes its key.

    Raises UsageFault when the result cannot be a codebook.
    """
    table = read(definition, "the library's codebook")
    for name, entry in changes.items():
        # Before it is written: such a name could make TOML that cannot be read.
        _check_name(name, UsageFault)
        merged = {**table.get(name, {}), **entry}
        table[name] = {key: value for key, value in merged.items() if value is not None}
    text = write(table)
    read(text, "codebook")
    return text


def field_of(codebook: Codebook, name: str) -> StructuredField | None:
    """The structured field called ``name``, or None; hyphens and blanks count as underscores."""
    folded = name.casefold().replace("-", "_").replace(" ", "_")
    for known in codebook.fields:
        if known.name == folded:
            return known
    return None
