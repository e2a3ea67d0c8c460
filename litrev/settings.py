"""Settings: the user's own, which alone may allow things, and the library's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litrev.library.errors import UsageFault
from litrev.library.location import SETTINGS


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


def extract_on_add(folder: Path) -> bool:
    """Whether the library's settings let ``add`` fill the structured fields."""
    file = folder / SETTINGS
    return bool(_get(file, _read(file), "add", "extract", bool, True))


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
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageFault(f"{file}: {error}", "Correct that line; it is TOML.") from error


def _get(file: Path, table: Mapping[str, Any], section: str, name: str, kind: type, default: Any) -> Any:
    place = table.get(section, {}) if section else table
    value = place.get(name, default) if isinstance(place, Mapping) else None
    if value is not default and not isinstance(value, kind):
        raise UsageFault(f"{file}: {section + '.' if section else ''}{name} is not a {kind.__name__}", "Correct that line; it is TOML.")
    return value
