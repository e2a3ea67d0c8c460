"""Settings: those of the user, which alone can grant permissions, and those of the library."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litrev.errors import EnvironmentFault, UsageFault
from litrev.library.storage.atomic_files import write_whole
from litrev.library.storage.folder import SETTINGS

LINKS = "links.toml"  # beside the user's config
SYNONYMS = "synonyms.txt"  # beside the user's config, or in the library
LANGUAGES = "languages"  # a folder of cue files beside the user's config

_LINK_KEYS = ("library", "folder", "file")
_LINKS_HEADER = "# Files that follow a litrev library: `litrev link` writes this.\n\n"


@dataclass(frozen=True, slots=True)
class UserSettings:
    """The user's own config: their name, and the libraries that they trust.

    ``actor`` is None where the config names nobody. ``trusted`` has the folders of libraries that
    others own and that may be opened all the same.
    """

    actor: str | None = None
    trusted: frozenset[str] = frozenset()


def user_settings(file: Path) -> UserSettings:
    """The settings in the user's config file; the defaults when there is none.

    Raises UsageFault, naming the file, for one that is not TOML, and for values of other kinds.
    """
    table = _read(file)
    actor = _get(file, table, "", "actor", str, None)
    libraries = _get(file, table, "safe", "libraries", list, [])
    return UserSettings(actor, frozenset(map(str, libraries)))


class Links:
    """The .bib files that follow libraries, as the user's own config lists them.

    ``file`` is the ``links.toml`` beside the config, None where there is no config.
    """

    # Not in the library: a library that comes from somebody else must not be able to make litrev
    # write to files of this user.

    def __init__(self, file: Path | None) -> None:
        self.file = file

    def of(self, library_id: str, folder: Path) -> list[Path]:
        """The paths of the files that follow the library with this id in this folder.

        A copy of the library elsewhere has its own.
        """
        links = [link for link in self._all() if _is_of(link, library_id, folder)]
        return [Path(link["file"]) for link in links]

    def set(self, library_id: str, folder: Path, files: Sequence[Path]) -> None:
        """Let these files, and no others, follow the library.

        Raises EnvironmentFault where there is no config, or it cannot be written.
        """
        if self.file is None:
            raise EnvironmentFault(
                "there is no user config to keep a link in", "Open the library with litrev.open."
            )
        # Those of other libraries stay as they are.
        links = [link for link in self._all() if not _is_of(link, library_id, folder)]
        for path in files:
            link = {"library": library_id, "folder": str(folder), "file": str(path)}
            links.append(link)
        tables = "\n".join(map(_toml, links))
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFault(
                f"{self.file.parent}: {error.strerror}",
                "The link is kept there, in your own config.",
            ) from error
        write_whole(self.file, [_LINKS_HEADER, tables])

    def _all(self) -> list[dict[str, str]]:
        """The links of all libraries; what is not a whole link is passed over."""
        if self.file is None:
            return []
        tables = _get(self.file, _read(self.file), "", "link", list, [])
        return [table for table in tables if _is_link(table)]


def _is_link(table: object) -> bool:
    """Whether a value of the file has all that a link has, as texts."""
    if not isinstance(table, dict):
        return False
    return all(isinstance(table.get(name), str) for name in _LINK_KEYS)


def _is_of(link: Mapping[str, str], library_id: str, folder: Path) -> bool:
    """Whether a link belongs to the library with this id in this folder."""
    return link["library"] == library_id and link["folder"] == str(folder)


def _toml(link: Mapping[str, str]) -> str:
    """A link as a table of a TOML file."""
    # A JSON string is a TOML basic string too.
    lines = [f"{name} = {json.dumps(link[name])}\n" for name in _LINK_KEYS]
    return "[[link]]\n" + "".join(lines)


def extract_on_add(folder: Path) -> bool:
    """Whether the library's settings say that ``add`` fills the structured fields."""
    file = folder / SETTINGS
    return bool(_get(file, _read(file), "add", "extract", bool, True))


def key_pattern(folder: Path) -> str:
    """The library's pattern for citation keys; raises UsageFault for what cannot be one."""
    from litrev.library.bibtex.citation_keys import PATTERN, check_pattern

    file = folder / SETTINGS
    pattern = _get(file, _read(file), "keys", "pattern", str, PATTERN)
    return check_pattern(str(pattern))


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The folder for indexes: ``LITREV_CACHE``, else the user's cache folder."""
    if environ.get("LITREV_CACHE"):
        return Path(environ["LITREV_CACHE"]).absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("litrev", appauthor=False))


def config_file(environ: Mapping[str, str]) -> Path:
    """The user's config file: ``LITREV_CONFIG``, else ``config.toml`` in their config folder."""
    if environ.get("LITREV_CONFIG"):
        return Path(environ["LITREV_CONFIG"]).absolute()
    import platformdirs

    return Path(platformdirs.user_config_dir("litrev", appauthor=False)) / "config.toml"


def _read(file: Path) -> Mapping[str, Any]:
    """The content of a TOML file; empty when there is no such file.

    Raises UsageFault for a file that is not TOML in UTF-8.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return {}
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageFault(f"{file}: {error}", "Correct that line; it is TOML.") from error


_KINDS = {str: "a text in quotation marks", list: "a list", bool: "true or false", dict: "a table"}


def _get(
    file: Path, table: Mapping[str, Any], section: str, name: str, kind: type, default: Any
) -> Any:
    """The value ``name`` in a section ("" for the top), ``default`` where it is not set.

    ``table`` is the content of ``file``, which the message names. Raises UsageFault for a value of
    another ``kind``.
    """
    values = table.get(section, {}) if section else table
    # What should be a section may be anything: that is a fault too.
    value = values.get(name, default) if isinstance(values, Mapping) else None
    if value is not default and not isinstance(value, kind):
        full_name = f"{section}.{name}" if section else name
        raise UsageFault(
            f"{file}: {full_name} is not {_KINDS[kind]}", "Correct that line; it is TOML."
        )
    return value
