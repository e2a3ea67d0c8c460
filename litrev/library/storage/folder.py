"""Where a library lies: making the folder, finding it from where one stands, and whose it is."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from pathlib import Path

from litrev.errors import EnvironmentFault, NotFound

DATABASE = "library.db"
SETTINGS = "litrev.toml"

_SETTINGS_TEXT = """\
# Settings of this litrev library. It is a folder: keep it, copy it or put it under version control as a whole.

[add]
extract = true      # fill the structured fields of what is added

[keys]
pattern = "{auth}{year}{title}"     # also {authors}, {shortyear}, {title3}; {auth:4} cuts, {auth:capital} changes the case
"""


def is_library(folder: Path) -> bool:
    """Whether ``folder`` holds a library."""
    return (folder / DATABASE).is_file()


def find(start: Path, environ: Mapping[str, str], chosen: Path | None = None) -> Path:
    """The library folder: the ``chosen`` one, else ``LITREV_LIBRARY``, else the nearest one
    upwards.

    Raises NotFound when there is none.
    """
    named = chosen or (Path(environ["LITREV_LIBRARY"]) if environ.get("LITREV_LIBRARY") else None)
    if named is not None:
        folder = (start / named).absolute()
        for candidate in (folder, *folder.parents) if chosen else (folder,):
            if is_library(candidate):
                return candidate
        raise NoLibrary(f"{named}: there is no litrev library", f"`litrev init {named}` makes one.")
    for folder in (start, *start.parents):
        if is_library(folder):
            return folder
    raise NoLibrary(
        "there is no litrev library here or in any folder above",
        "`litrev init` makes one here; `litrev demo` shows what it is good for.",
    )


class NoLibrary(NotFound):
    """There is no library where one was looked for."""

    status = EnvironmentFault.status


def make_folder(folder: Path) -> None:
    """Make ``folder`` and its settings file; raise EnvironmentFault where the system refuses."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / SETTINGS
        if not settings.exists():
            settings.write_text(_SETTINGS_TEXT, "utf-8")
    except OSError as error:
        raise EnvironmentFault(
            f"{error.filename or folder}: {error.strerror}", "Choose a folder you may write to."
        ) from error


def check_owner(folder: Path, allowed: frozenset[str]) -> None:
    """Refuse a library that belongs to somebody else, unless the user's own config allows it.

    The same rule as git's ``safe.directory``: what another user owns may have been laid out to be
    stepped into.
    """
    if not hasattr(os, "getuid"):
        return
    sudo = os.environ.get("SUDO_UID", "")
    me = {os.getuid(), int(sudo) if sudo.isascii() and sudo.isdigit() else os.getuid()}
    for path in (folder, folder / DATABASE, folder / SETTINGS):
        if path.exists() and path.stat().st_uid not in me and not {str(folder), "*"} & allowed:
            raise EnvironmentFault(
                f"{path}: belongs to another user",
                f'If you trust it, add to the file `litrev config` names:\n  [safe]\n  libraries = ["{folder}"]',
            )


def locator(path: Path, folder: Path) -> str:
    """``path`` relative to the library, with forward slashes: it holds when both are moved
    together.
    """
    return posixpath.normpath(os.path.relpath(path.absolute(), folder).replace(os.sep, "/"))


def is_own(file: Path) -> bool:
    """Whether a file is litrev's own: the database with what SQLite keeps beside it, or the
    settings.
    """
    return is_library(file.parent) and (file.name == SETTINGS or file.name.startswith(DATABASE))
