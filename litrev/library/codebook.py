"""Which structured fields there are, what they mean, and which vocabulary their labels come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from litrev.library.errors import UsageFault


class Kind(StrEnum):
    """What a structured field holds."""

    TEXT = "text"
    LIST = "list"
    CATEGORY = "category"
    NUMBER = "number"
    YES_NO = "yes/no"


@dataclass(frozen=True, slots=True)
class StructuredField:
    """One field of the codebook."""

    name: str
    heading: str
    kind: Kind
    definition: str
    vocabulary: str | None = None

    @property
    def single(self) -> bool:
        """Whether a cell of this field holds one value."""
        return self.kind is not Kind.LIST


@dataclass(frozen=True, slots=True)
class Codebook:
    """The structured fields in force, in order, with the version they were read at."""

    version: int
    fields: tuple[StructuredField, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(field.name for field in self.fields)

    def __contains__(self, name: object) -> bool:
        return any(field.name == name for field in self.fields)

    def __getitem__(self, name: str) -> StructuredField:
        for field in self.fields:
            if field.name == name:
                return field
        raise UsageFault(f"no structured field is named {name}", f"There are: {', '.join(self.names)}.")


@cache
def built_in() -> tuple[StructuredField, ...]:
    """The fields that come with litrev."""
    import tomllib

    text = resources.files(__package__).joinpath("codebook.toml").read_text("utf-8")
    return tuple(_field(name, entry) for name, entry in tomllib.loads(text).items())


def codebook(version: int, definition: str) -> Codebook:
    """The codebook of a library: the built-in fields, then the person's own from their TOML."""
    import tomllib

    own = tomllib.loads(definition) if definition else {}
    return Codebook(version, built_in() + tuple(_field(name, entry) for name, entry in own.items()))


def _field(name: str, entry: dict[str, Any]) -> StructuredField:
    heading = entry.get("heading") or name.replace("_", " ").capitalize()
    return StructuredField(name, heading, Kind(entry["kind"]), entry["definition"], entry.get("vocabulary"))
