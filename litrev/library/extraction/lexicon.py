"""The words that extraction uses, one data file for each language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from litrev.errors import UsageFault
from litrev.library.extraction.cues import CUE_SYNTAX, compile_cues

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

_METHODS = "methods.toml"  # the vocabulary of methods, which is not a language
LOOKED_AT = 20_000  # characters of a text that decide its language
_CUE_SECTIONS = frozenset(
    {"roles", "findings", "problems", "causes", "recommendations", "research_object"}
)


class Lexicon:
    """The cues of one language; ``table`` is the content of the data file."""

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.name, self.table = name, table

    @cached_property
    def words(self) -> bool:
        """Whether the language puts spaces between words."""
        return bool(self.table["words"])

    def list(self, section: str, name: str) -> tuple[str, ...]:
        """The plain words under ``name`` in ``section``."""
        return _listed(self, section, name)

    def plain(self, name: str) -> tuple[str, ...]:
        """The plain words under ``name`` at the top of the file."""
        return _listed(self, "", name)

    def cues(self, section: str, name: str) -> re.Pattern[str] | None:
        """The cues under ``name`` in ``section`` as one pattern."""
        return _compiled(self, section, name)

    @cached_property
    def roles(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """The roles in the order in which they are tried, each with its cues."""
        patterns = ((role, self.cues("roles", role)) for role in self.table.get("roles", ()))
        return tuple((role, pattern) for role, pattern in patterns if pattern)

    @cached_property
    def labels(self) -> re.Pattern[str]:
        """The labels of structured abstracts at the start of a sentence, each role a group."""
        groups = []
        for role, names in self.table.get("labels", {}).items():
            longest = sorted(names, key=len, reverse=True)
            groups.append(f"(?P<{role}>{'|'.join(map(re.escape, longest))})")
        after = (
            r"(?:\s*[:：.．】\]]\s*|\s*\n\s*|\s+(?=[A-Z]))" if self.words else r"\s*[:：】\]]?\s*"
        )
        needs = "" if self.words else r"(?<=[:：】\]\s])"
        return re.compile(rf"[\[【]?(?:{'|'.join(groups)}){after}{needs}")

    @cached_property
    def common(self) -> re.Pattern[str]:
        """The commonest words, by which the language is recognised."""
        words = "|".join(map(re.escape, self.plain("common")))
        return re.compile(rf"\b(?:{words})\b" if self.words else words, re.IGNORECASE)


@cache
def _listed(lexicon: Lexicon, section: str, name: str) -> tuple[str, ...]:
    return tuple((lexicon.table.get(section, {}) if section else lexicon.table).get(name, ()))


@cache
def _compiled(lexicon: Lexicon, section: str, name: str) -> re.Pattern[str] | None:
    return compile_cues(lexicon.list(section, name), lexicon.words)


Folders = tuple[str, ...]
"""Folders whose language files (``*.toml``) are read beside those that come with litrev.

A file with the name of one of ours replaces it.
"""


@cache
def lexicons(folders: Folders = ()) -> tuple[Lexicon, ...]:
    """Every language that has a data file.

    Raises UsageFault for a file that cannot be read; it names the file and, if possible, the line.
    """
    from pathlib import Path

    by_file = dict(_built_in())
    for folder in folders:
        by_file.update(
            {
                path.name: load(path)
                for path in sorted(Path(folder).glob("*.toml"))
                if path.name != _METHODS
            }
        )
    return tuple(lexicon for _, lexicon in sorted(by_file.items()))


@cache
def _built_in() -> Mapping[str, Lexicon]:
    """The languages that come with litrev, by the names of their files."""
    from importlib import resources

    paths = resources.files(__package__).joinpath("data").iterdir()
    return {
        path.name: load(path)
        for path in paths
        if path.name.endswith(".toml") and path.name != _METHODS
    }


def load(path: Traversable | Path) -> Lexicon:
    """The lexicon in the data file ``path``."""
    import tomllib

    try:
        table = tomllib.loads(path.read_text("utf-8"))
        lexicon = Lexicon(path.name.removesuffix(".toml"), table)
        _check(lexicon)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise UsageFault(
            f"{path}{':' + line.group(1) if line else ''}: {str(error).partition(' (at')[0]}",
            "A language file is TOML.",
        ) from error
    except (UnicodeDecodeError, ValueError, IndexError) as error:
        raise UsageFault(f"{path}: {error}", CUE_SYNTAX) from error
    return lexicon


def _check(lexicon: Lexicon) -> None:
    """Raise ValueError for what would fail later: no common words, cues that cannot be read."""
    if not isinstance(lexicon.table.get("words"), bool) or not lexicon.plain("common"):
        raise ValueError(
            "it needs words = true or false, "
            "and the commonest words of the language as common = […]"
        )
    for section, table in lexicon.table.items():
        for name, cues in table.items() if isinstance(table, dict) else ():
            if not isinstance(cues, list) or not all(isinstance(cue, str) and cue for cue in cues):
                raise ValueError(f"{name} in [{section}] is not a list of words")
            if section in _CUE_SECTIONS and name != "stops":
                lexicon.cues(section, name)


def lexicon_for(text: str, folders: Folders = ()) -> Lexicon:
    """The language ``text`` is in: the one whose commonest words cover most of it."""
    looked_at = text[:LOOKED_AT]
    return max(
        lexicons(folders),
        key=lambda lexicon: sum(
            len(m.group()) + lexicon.words for m in lexicon.common.finditer(looked_at)
        ),
    )


@cache
def method_names() -> Mapping[str, str]:
    """Every name of a method, folded, with its label in the vocabulary."""
    import tomllib
    from importlib import resources

    table = tomllib.loads(
        resources.files(__package__).joinpath("data", _METHODS).read_text("utf-8")
    )
    return {
        name.casefold(): label
        for label, names in table["methods"].items()
        for name in (label, *names)
    }


def _is_at(text: str, name: str, at: int) -> bool:
    return text.startswith(name, at) and not text[at + len(name) : at + len(name) + 1].isalnum()


@cache
def _method_starts() -> tuple[Mapping[str, tuple[str, ...]], re.Pattern[str]]:
    """The names of methods by their first word, longest first, and a pattern for the others.

    The others are those in a script without spaces between words.
    """
    starts: dict[str, list[str]] = {}
    for name in sorted(method_names(), key=len, reverse=True):
        if name.isascii():
            starts.setdefault(_WORD.findall(name)[0], []).append(name)
    others = sorted((name for name in method_names() if not name.isascii()), key=len, reverse=True)
    return {word: tuple(names) for word, names in starts.items()}, re.compile(
        "|".join(map(re.escape, others))
    )


_WORD = re.compile(r"[a-z0-9]+")


def find_methods(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The places of names of the vocabulary between ``start`` and ``end``, each with its label.

    Where several names begin at one place, the longest.
    """
    folded = text[start:end].lower()
    if len(folded) != end - start:
        # A few capitals ("İ") become two characters in lower case, which would shift every place
        # after them. Then only names in lower case are found.
        folded = text[start:end]
    starts, others = _method_starts()
    after = 0
    for match in _WORD.finditer(folded):
        at = match.start()
        method = next(
            (
                name
                for name in starts.get(match.group(), ())
                if at >= after and _is_at(folded, name, at)
            ),
            None,
        )
        if method:
            after = at + len(method)
            yield start + at, start + after, method_names()[method]
    if not folded.isascii():
        for match in others.finditer(folded):
            yield start + match.start(), start + match.end(), method_names()[match.group()]
