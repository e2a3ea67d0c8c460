"""The words extraction goes by, one data file a language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from litrev.library.extraction.cues import compile_cues

LOOKED_AT = 20_000  # characters of a text that decide its language


@dataclass(frozen=True)
class Lexicon:
    """The cues of one language; ``table`` is the data file as it stands."""

    name: str
    table: Mapping[str, Any]

    @property
    def words(self) -> bool:
        """Whether the language puts blanks between words."""
        return bool(self.table["words"])

    def list(self, section: str, name: str) -> tuple[str, ...]:
        """The plain words under ``name`` in ``section``."""
        return tuple(self.table[section][name])

    def plain(self, name: str) -> tuple[str, ...]:
        """The plain words under ``name`` at the top of the file."""
        return tuple(self.table[name])

    def cues(self, section: str, name: str) -> re.Pattern[str] | None:
        """The cues under ``name`` in ``section`` as one pattern."""
        return _compiled(self, section, name)

    @cached_property
    def roles(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """The roles in the order in which they are asked, each with its cues."""
        found = ((role, self.cues("roles", role)) for role in self.table["roles"])
        return tuple((role, pattern) for role, pattern in found if pattern)

    @cached_property
    def labels(self) -> re.Pattern[str]:
        """The labels of structured abstracts at the start of a sentence, each role a group."""
        groups = []
        for role, names in self.table["labels"].items():
            longest = sorted(names, key=len, reverse=True)
            groups.append(f"(?P<{role}>{'|'.join(map(re.escape, longest))})")
        after = r"(?:\s*[:：.．】\]]\s*|\s*\n\s*|\s+(?=[A-Z]))" if self.words else r"\s*[:：】\]]?\s*"
        needs = "" if self.words else r"(?<=[:：】\]\s])"
        return re.compile(rf"[\[【]?(?:{'|'.join(groups)}){after}{needs}")

    @cached_property
    def common(self) -> re.Pattern[str]:
        """The commonest words, by which the language is told."""
        words = "|".join(map(re.escape, self.plain("common")))
        return re.compile(rf"\b(?:{words})\b" if self.words else words, re.IGNORECASE)

    def __hash__(self) -> int:
        return hash(self.name)


@cache
def _compiled(lexicon: Lexicon, section: str, name: str) -> re.Pattern[str] | None:
    return compile_cues(lexicon.table[section].get(name, ()), lexicon.words)


@cache
def lexicons() -> tuple[Lexicon, ...]:
    """Every language there is a data file for."""
    return tuple(load(path) for path in sorted(_files(), key=lambda path: path.name))


def _files() -> Iterator[Traversable]:
    for path in resources.files(__package__).joinpath("data").iterdir():
        if path.name.endswith(".toml") and path.name != "methods.toml":
            yield path


def load(path: Traversable) -> Lexicon:
    """The lexicon in the data file ``path``."""
    return Lexicon(path.name.removesuffix(".toml"), tomllib.loads(path.read_text("utf-8")))


def lexicon_for(text: str) -> Lexicon:
    """The language ``text`` is in: the one whose commonest words cover most of it."""
    looked_at = text[:LOOKED_AT]
    return max(lexicons(), key=lambda lexicon: sum(len(m.group()) + lexicon.words for m in lexicon.common.finditer(looked_at)))


@cache
def method_names() -> Mapping[str, str]:
    """Every name of a method, folded, with its label in the vocabulary."""
    table = tomllib.loads(resources.files(__package__).joinpath("data", "methods.toml").read_text("utf-8"))
    return {name.casefold(): label for label, names in table["methods"].items() for name in (label, *names)}


@cache
def method_pattern() -> re.Pattern[str]:
    """Finds the names of methods, the longest first."""
    names = sorted(method_names(), key=len, reverse=True)
    parts = [rf"\b{re.escape(name)}\b" if name.isascii() else re.escape(name) for name in names]
    return re.compile("|".join(parts), re.IGNORECASE)
