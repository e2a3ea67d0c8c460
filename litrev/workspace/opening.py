"""Opening a library and creating one, with the user's own settings applied."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from litrev.errors import Conflict
from litrev.library.model.ids import Clock, system_clock
from litrev.library.storage import folder as places
from litrev.library.storage.library import Library
from litrev.workspace.session import OperationContext, Reporting, Session
from litrev.workspace.settings import LANGUAGES, cache_folder, config_file, user_settings
from litrev.workspace.workspace import Workspace


def open_workspace(
    path: Path,
    environ: Mapping[str, str],
    *,
    chosen: Path | None = None,
    reporting: Reporting | None = None,
    clock: Clock = system_clock,
    context: OperationContext | None = None,
) -> Workspace:
    """A workspace on the library in or above ``path``, with the user's settings applied.

    ``environ`` has the variables that name the user and their folders. ``chosen`` is a folder that
    was named as the library, so that no other is looked for. ``reporting`` and ``context`` None
    report nothing, and give operations their own names. Raises NotFound when there is no library.
    """
    settings = user_settings(config_file(environ))
    folder = places.find(path, environ, chosen)
    actor = environ.get("LITREV_USER") or settings.actor
    library = Library.open(folder, actor, clock, settings.trusted)
    return _workspace(library, environ, reporting, context)


def create_workspace(
    folder: Path, environ: Mapping[str, str], *, clock: Clock = system_clock
) -> Workspace:
    """A workspace on a new library in ``folder``, with the user's settings applied.

    Raises Conflict where there is a library already.
    """
    if places.is_library(folder):
        raise Conflict(f"{folder}: is already a litrev library", f"Work in it: cd {folder}")
    settings = user_settings(config_file(environ))
    actor = environ.get("LITREV_USER") or settings.actor
    library = Library.create(folder, actor, clock)
    return _workspace(library, environ, None, None)


def _workspace(
    library: Library,
    environ: Mapping[str, str],
    reporting: Reporting | None,
    context: OperationContext | None,
) -> Workspace:
    """A workspace on an open library, with the folders of the user."""
    config = config_file(environ)
    session = Session(
        library=library,
        cache=cache_folder(environ),
        config=config,
        languages=_languages(config),
        reporting=reporting or Reporting(),
        context=context or OperationContext(),
    )
    return Workspace(session)


def _languages(config: Path) -> tuple[str, ...]:
    """The folder of language files beside the user's config, if there is one."""
    folder = config.with_name(LANGUAGES)
    return (str(folder),) if folder.is_dir() else ()


def open_path(path: str | os.PathLike[str]) -> Workspace:
    """A workspace on the library in the folder ``path``: what ``litrev.open`` is.

    Raises NotFound when there is no library.
    """
    folder = Path(path).absolute()
    return open_workspace(folder, os.environ, chosen=folder)


def init_path(path: str | os.PathLike[str]) -> Workspace:
    """A workspace on a new library in the folder ``path``: what ``litrev.init`` is.

    Raises Conflict where there is a library already.
    """
    folder = Path(path).absolute()
    return create_workspace(folder, os.environ)
