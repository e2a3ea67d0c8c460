"""Which structured fields there are, what they mean, which vocabulary their labels come from, and
which words tell of them.

The built-in fields come with litrev. A library's own definition is TOML: fields of its own, and
what it says otherwise of the built-in ones (all but their kind).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from litrev.errors import UsageFault

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_WORDS = 500  # cues or values of one field
MOST_FIELDS = (
    200  # of a codebook; an index tells 256 fields apart, those of the metadata among them
)
TAKEN = frozenset({
    "key", "title", "author", "authors", "year", "venue", "type", "entry_type", "entrytype", "abstract", "tag", "tags", "note", "notes", "has", "missing",
    "state", "is", "id", "doi", "url", "field", "journal", "booktitle", "publisher", "school", "language", "keywords", "volume", "number", "pages", "bib",
    "litrev",
})  # fmt: skip
_KEYS = frozenset({"heading", "kind", "definition", "vocabulary", "values", "cues", "retired"})


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

    ``values`` are the labels a value can have, each with the other names it goes by in abstracts;
    ``cues`` the words that tell of the field, in the syntax of the cue files.
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
    """The structured fields, in order, with the version they were read at; ``every`` holds retired
    ones too.
    """

    version: int
    every: tuple[StructuredField, ...]

    @property
    def fields(self) -> tuple[StructuredField, ...]:
        """The fields in force, in order."""
        return tuple(one for one in self.every if not one.retired)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields in force, in order."""
        return tuple(one.name for one in self.fields)

    def __contains__(self, name: object) -> bool:
        return any(one.name == name for one in self.fields)

    def __getitem__(self, name: str) -> StructuredField:
        for one in self.fields:
            if one.name == name:
                return one
        raise UsageFault(
            f"no structured field is named {name}", f"There are: {', '.join(self.names)}."
        )


@cache
def built_in() -> tuple[StructuredField, ...]:
    """The fields that come with litrev."""
    import json

    # JSON and not TOML, for every command reads it and the reader of TOML takes longer to load than
    # a search to answer.
    entries = json.loads(Path(__file__).with_name("codebook.json").read_text("utf-8"))
    return tuple(_field(name, entry, None) for name, entry in entries.items())


@cache
def codebook(version: int, definition: str) -> Codebook:
    """The codebook of a library: the built-in fields, then the person's own from their TOML."""
    own = read(definition, "the library's codebook")
    fields = [_field(f.name, own[f.name], f) if f.name in own else f for f in built_in()]
    known = {f.name for f in fields}
    return Codebook(
        version,
        (
            *fields,
            *(
                _field(name, entry, None, own=True)
                for name, entry in own.items()
                if name not in known
            ),
        ),
    )


def _field(
    name: str, entry: Mapping[str, Any], base: StructuredField | None, *, own: bool = False
) -> StructuredField:
    start = base or StructuredField(
        name, name.replace("_", " ").capitalize(), Kind.TEXT, "", own=own
    )
    return replace(
        start,
        heading=entry.get("heading") or start.heading,
        kind=Kind(entry["kind"]) if base is None else start.kind,
        definition=entry.get("definition", start.definition),
        vocabulary=entry.get("vocabulary", start.vocabulary),
        values=_values(entry.get("values", {})) or start.values,
        cues=_cues(entry.get("cues", ())) or start.cues,
        retired=entry.get("retired", False),
    )


def _values(values: Any) -> dict[str, tuple[str, ...]]:
    return (
        {label: tuple(names) for label, names in values.items()}
        if isinstance(values, Mapping)
        else dict.fromkeys(values, ())
    )


def _cues(cues: Any) -> tuple[str, ...]:
    return (
        tuple(cue for group in cues.values() for cue in group)
        if isinstance(cues, Mapping)
        else tuple(cues)
    )


# The definition as text


def read(text: str, source: str) -> dict[str, dict[str, Any]]:
    """The fields that a TOML text defines, as they stand there.

    Raises UsageFault that names ``source``, the line and the remedy for what cannot be a codebook.
    """
    if not text.strip():
        return {}
    import tomllib

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"{source}:{line.group(1)}" if line else source
        raise UsageFault(
            f"{where}: {str(error).partition(' (at')[0]}",
            'A codebook is TOML: [name], kind = "text", definition = "…".',
        ) from error
    for number, (name, entry) in enumerate(table.items(), 1):
        _check(name, entry, text, source)
        if number > MOST_FIELDS:
            raise UsageFault(
                f"{source}:{line_of(text, name)}: a codebook has at most {MOST_FIELDS} fields",
                "Put some together, as values of one field.",
            )
    return table


def _check(name: str, entry: Any, text: str, source: str) -> None:
    def fault(problem: str, remedy: str, key: str = "") -> UsageFault:
        return UsageFault(f"{source}:{line_of(text, name, key)}: {problem}", remedy)

    if not isinstance(entry, dict):
        raise fault(f"{name} is no field", f"Write [{name}] and below it kind and definition.")
    known = {f.name: f for f in built_in()}.get(name)
    if not NAME.fullmatch(name):
        raise fault(
            f"{name!r:.60} cannot name a field",
            "A name is small letters, digits and _, and begins with a letter.",
        )
    if name in TAKEN:
        raise fault(
            f"{name} names something else already", f"Choose another, such as {name}_of_study."
        )
    for key in entry:
        if key not in _KEYS:
            raise fault(
                f"{name} has no {key!r:.40}", f"A field has: {', '.join(sorted(_KEYS))}.", key
            )
    kind = entry.get("kind", known.kind.value if known else None)
    if kind not in list(Kind):
        raise fault(
            f"{kind!r:.40} is no kind" if kind is not None else f"{name} has no kind",
            f"A kind is one of: {', '.join(Kind)}.",
            "kind",
        )
    if known and kind != known.kind:
        raise fault(
            f"{name} comes with litrev and is a {known.kind}",
            "Give your own field another name.",
            "kind",
        )
    _check_lines(name, entry, fault)
    for key in ("cues", "values"):
        _check_words(name, key, entry.get(key, []), fault)
    if kind == Kind.CATEGORY and not entry.get("values"):
        raise fault(
            f"{name} is a category without values",
            'Say which there are: values = ["one", "other"].',
            "values" if "values" in entry else "kind",
        )


def _check_lines(name: str, entry: Mapping[str, Any], fault: Any) -> None:
    for key in ("heading", "definition", "vocabulary"):
        if not isinstance(entry.get(key, ""), str) or any(
            ord(char) < 32 for char in entry.get(key, "")
        ):
            raise fault(f"the {key} of {name} is not a line of text", f'Write {key} = "…".', key)
    if not isinstance(entry.get("retired", False), bool):
        raise fault(
            f"retired of {name} is neither true nor false", "Write retired = true.", "retired"
        )


def _check_words(name: str, key: str, words: Any, fault: Any) -> None:
    groups = list(words.values()) if isinstance(words, dict) else [words]
    if isinstance(words, dict) and key == "values":
        groups.append(list(words))
    if not all(
        isinstance(group, list) and all(isinstance(word, str) and word.strip() for word in group)
        for group in groups
    ):
        raise fault(
            f"the {key} of {name} are not a list of words", f'Write {key} = ["one", "other"].', key
        )
    if sum(map(len, groups)) > MOST_WORDS:
        raise fault(f"{name} has more than {MOST_WORDS} {key}", "Keep those that matter.", key)
    folded = [word.casefold() for group in groups for word in group]
    twice = next((word for word in folded if folded.count(word) > 1), None)
    if twice is not None:
        raise fault(f"{key} of {name} name {twice!r:.40} twice", "Keep it once.", key)


def line_of(text: str, name: str, key: str = "") -> int:
    """The line of a TOML text on which a field, or a key of it, is defined; 1 when it cannot be
    told.
    """
    lines = text.split("\n")
    header = re.compile(
        rf"\s*\[\s*[\"']?{re.escape(name)}[\"']?\s*[\].]|\s*{re.escape(name)}\s*[=.]"
    )
    start = next((n for n, line in enumerate(lines) if header.match(line)), 0)
    for n in range(start, len(lines) if key else start):
        if n > start and re.match(r"\s*\[[^.\]]*\]", lines[n]):
            break
        if re.match(
            rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]|\s*\[[^\]]*\.{re.escape(key)}\s*\]", lines[n]
        ):
            return n + 1
    return start + 1


def write(table: Mapping[str, Mapping[str, Any]]) -> str:
    """The fields as TOML, as :func:`read` reads them."""
    parts = []
    for name, entry in table.items():
        lines = [f"[{name}]"]
        lines += [
            f"{key} = {_toml(entry[key])}"
            for key in ("heading", "kind", "definition", "vocabulary", "cues", "values", "retired")
            if key in entry
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _toml(value: Any) -> str:
    import json

    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def entry_of(one: StructuredField) -> dict[str, Any]:
    """What a definition says of a field; the kind of a built-in one is not said."""
    entry: dict[str, Any] = {
        "heading": one.heading,
        "kind": one.kind.value,
        "definition": one.definition,
    }
    if one.vocabulary:
        entry["vocabulary"] = one.vocabulary
    if one.cues:
        entry["cues"] = list(one.cues)
    if one.values:
        entry["values"] = (
            {label: list(names) for label, names in one.values.items()}
            if any(one.values.values())
            else list(one.values)
        )
    if one.retired:
        entry["retired"] = True
    return entry


def changed(definition: str, changes: Mapping[str, Mapping[str, Any]]) -> str:
    """``definition`` with what ``changes`` says of some fields; a None takes a word of it away.

    Raises UsageFault for what cannot be a codebook.
    """
    table = read(definition, "the library's codebook")
    for name, entry in changes.items():
        merged = {**table.get(name, {}), **entry}
        table[name] = {key: value for key, value in merged.items() if value is not None}
    text = write(table)
    read(text, "codebook")
    return text


def field_of(codebook: Codebook, name: str) -> StructuredField | None:
    """The structured field called ``name``, hyphens and underscores alike; None if it is none."""
    folded = name.casefold().replace("-", "_").replace(" ", "_")
    return next((field for field in codebook.fields if field.name == folded), None)
