"""The doors to a library: opening one and making one, with the user's own settings applied."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from litrev.library.model.ids import Clock, system_clock
from litrev.library.storage import folder as location
from litrev.library.storage.library import Library
from litrev.workspace.workspace import Reporting, Workspace

LANGUAGES = "languages"  # a folder of cue files beside the user's config


def open_workspace(
    path: Path, environ: Mapping[str, str], *, chosen: Path | None = None, reporting: Reporting | None = None, clock: Clock = system_clock
) -> Workspace:
    """The library in or above ``path`` with the user's settings applied; raises NotFound when there is none."""
    from litrev.workspace.settings import LINKS, Links, cache_folder, config_file, user_settings

    settings = user_settings(config_file(environ))
    folder = location.find(path, environ, chosen)
    _use_languages(config_file(environ))
    library = Library.open(folder, environ.get("LITREV_USER") or settings.actor, clock, settings.trusted)
    return Workspace(library, cache_folder(environ), reporting, Links(config_file(environ).with_name(LINKS)))


def create_workspace(folder: Path, environ: Mapping[str, str], *, clock: Clock = system_clock) -> Workspace:
    """A new library in ``folder``; raises Conflict where there is one already."""
    from litrev.errors import Conflict
    from litrev.workspace.settings import LINKS, Links, cache_folder, config_file, user_settings

    if location.is_library(folder):
        raise Conflict(f"{folder}: is a litrev library already", f"Work in it: cd {folder}")
    settings = user_settings(config_file(environ))
    _use_languages(config_file(environ))
    library = Library.create(folder, environ.get("LITREV_USER") or settings.actor, clock)
    return Workspace(library, cache_folder(environ), None, Links(config_file(environ).with_name(LINKS)))


def _use_languages(config: Path) -> None:
    """Let extraction read the language files in ``languages/`` beside the user's config, if there are any."""
    folder = config.with_name(LANGUAGES)
    if folder.is_dir():
        from litrev.library.extraction.lexicon import use_folders

        use_folders([str(folder)])


def open_path(path: str | os.PathLike[str]) -> Workspace:
    """The library in the folder ``path``: what ``litrev.open`` is."""
    return open_workspace(Path(path).absolute(), os.environ, chosen=Path(path).absolute())


def init_path(path: str | os.PathLike[str]) -> Workspace:
    """A new library in the folder ``path``: what ``litrev.init`` is."""
    return create_workspace(Path(path).absolute(), os.environ)
