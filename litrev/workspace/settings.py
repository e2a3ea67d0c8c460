"""Settings: the user's own, which alone may allow things, and the library's."""

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


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What the user's own config says: their name, and whose libraries they trust."""

    actor: str | None = None
    trusted: frozenset[str] = frozenset()


def user_settings(file: Path) -> UserSettings:
    """The settings in the user's config file; the defaults when there is none."""
    table = _read(file)
    libraries = _get(file, table, "safe", "libraries", list, [])
    return UserSettings(_get(file, table, "", "actor", str, None), frozenset(map(str, libraries)))


class Links:
    """The .bib files that follow a library, as the user's own config has it: only there can that be
    allowed.

    ``file`` is the ``links.toml`` beside the config, None where there is none.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file

    def of(self, library_id: str, folder: Path) -> list[Path]:
        """The files that follow the library with this id in this folder; a copy of it elsewhere has
        its own.
        """
        return [
            Path(link["file"])
            for link in self._all()
            if link["library"] == library_id and link["folder"] == str(folder)
        ]

    def set(self, library_id: str, folder: Path, files: Sequence[Path]) -> None:
        """Let these files, and no others, follow the library."""
        if self.file is None:
            raise EnvironmentFault(
                "there is no user config to keep a link in", "Open the library with litrev.open."
            )
        others = [
            link
            for link in self._all()
            if link["library"] != library_id or link["folder"] != str(folder)
        ]
        links = others + [
            {"library": library_id, "folder": str(folder), "file": str(path)} for path in files
        ]
        tables = [
            "[[link]]\n"
            + "".join(
                f"{name} = {json.dumps(link[name])}\n" for name in ("library", "folder", "file")
            )
            for link in links
        ]
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFault(
                f"{self.file.parent}: {error.strerror}",
                "The link is kept there, in your own config.",
            ) from error
        write_whole(
            self.file,
            [
                "# Files that follow a litrev library: `litrev link` writes this.\n\n",
                "\n".join(tables),
            ],
        )

    def _all(self) -> list[dict[str, str]]:
        if self.file is None:
            return []
        found = _get(self.file, _read(self.file), "", "link", list, [])
        names = {"library", "folder", "file"}
        return [
            link
            for link in found
            if isinstance(link, dict)
            and names <= link.keys()
            and all(isinstance(link[name], str) for name in names)
        ]


def extract_on_add(folder: Path) -> bool:
    """Whether the library's settings let ``add`` fill the structured fields."""
    file = folder / SETTINGS
    return bool(_get(file, _read(file), "add", "extract", bool, True))


def key_pattern(folder: Path) -> str:
    """The pattern by which the library makes citation keys."""
    from litrev.library.bibtex.citation_keys import PATTERN, check_pattern

    file = folder / SETTINGS
    return check_pattern(str(_get(file, _read(file), "keys", "pattern", str, PATTERN)))


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where indexes are kept: ``LITREV_CACHE``, else the user's cache folder."""
    if environ.get("LITREV_CACHE"):
        return Path(environ["LITREV_CACHE"]).absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("litrev", appauthor=False))


def config_file(environ: Mapping[str, str]) -> Path:
    """The user's own settings: ``LITREV_CONFIG``, else ``config.toml`` in the user's config folder."""
    if environ.get("LITREV_CONFIG"):
        return Path(environ["LITREV_CONFIG"]).absolute()
    import platformdirs

    return Path(platformdirs.user_config_dir("litrev", appauthor=False)) / "config.toml"


def _read(file: Path) -> Mapping[str, Any]:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return {}
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageFault(f"{file}: {error}", "Correct that line; it is TOML.") from error


def _get(
    file: Path, table: Mapping[str, Any], section: str, name: str, kind: type, default: Any
) -> Any:
    place = table.get(section, {}) if section else table
    value = place.get(name, default) if isinstance(place, Mapping) else None
    if value is not default and not isinstance(value, kind):
        raise UsageFault(
            f"{file}: {section + '.' if section else ''}{name} is not a {kind.__name__}",
            "Correct that line; it is TOML.",
        )
    return value
