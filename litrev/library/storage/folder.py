"""The folder of a library: making it, finding it from the working folder, checking its owner."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path

from litrev.errors import EnvironmentFault, NotFound

DATABASE = "library.db"
SETTINGS = "litrev.toml"

# A backslash at the end of a line joins it with the next one.
_SETTINGS_TEXT = """\
# Settings of this litrev library. It is a folder: keep it, copy it or put it under version \
control as a whole.

[add]
extract = true      # fill the structured fields of what is added

[keys]
pattern = "{auth}{year}{title}"     # also {authors}, {shortyear}, {title3}; \
{auth:4} cuts, {auth:capital} changes the case
"""


def is_library(folder: Path) -> bool:
    """Whether ``folder`` holds a library."""
    return (folder / DATABASE).is_file()


def find(start: Path, environ: Mapping[str, str], chosen: Path | None = None) -> Path:
    """The library folder: ``chosen``, else ``LITREV_LIBRARY``, else the nearest one upwards.

    A relative path counts from ``start``. A library may also lie above ``chosen``, but not above
    ``LITREV_LIBRARY``. Raises NotFound when there is none.
    """
    if chosen is not None:
        folder = (start / chosen).absolute()
        return _first_library([folder, *folder.parents], chosen)
    named = environ.get("LITREV_LIBRARY")
    if named:
        return _first_library([(start / named).absolute()], Path(named))
    for folder in (start, *start.parents):
        if is_library(folder):
            return folder
    raise NoLibrary(
        "there is no litrev library here or in any folder above",
        "`litrev init` makes one here; `litrev demo` shows what it is good for.",
    )


def _first_library(candidates: Iterable[Path], named: Path) -> Path:
    for candidate in candidates:
        if is_library(candidate):
            return candidate
    raise NoLibrary(f"{named}: there is no litrev library", f"`litrev init {named}` makes one.")


class NoLibrary(NotFound):
    """There is no library in the folders that were searched."""

    # A missing library stops every command, so it ends like other faults of the surroundings.
    # Status 1 of NotFound would say that a query matched nothing.
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
    """Refuse a library that belongs to another user, unless the user's own config allows it.

    ``allowed`` holds folders, or ``*`` for all. Raises EnvironmentFault.
    """
    # The same rule as git's `safe.directory`: another user may have prepared the folder as a trap.
    if not hasattr(os, "getuid"):
        return
    own_uids = _own_uids()
    is_allowed = bool({str(folder), "*"} & allowed)
    for path in (folder, folder / DATABASE, folder / SETTINGS):
        if path.exists() and path.stat().st_uid not in own_uids and not is_allowed:
            raise EnvironmentFault(
                f"{path}: belongs to another user",
                "If you trust it, add to the file `litrev config` names:\n"
                f'  [safe]\n  libraries = ["{folder}"]',
            )


def _own_uids() -> set[int]:
    """The user's id; under sudo also that of the person who called sudo."""
    uids = {os.getuid()}
    caller = os.environ.get("SUDO_UID", "")
    # int() also reads digits of other scripts; sudo writes ASCII.
    if caller.isascii() and caller.isdigit():
        uids.add(int(caller))
    return uids


def locator(path: Path, folder: Path) -> str:
    """``path`` relative to the library ``folder``, with forward slashes on every system.

    It stays right when the file and the library are moved together.
    """
    return posixpath.normpath(os.path.relpath(path.absolute(), folder).replace(os.sep, "/"))


def is_own(file: Path) -> bool:
    """Whether a file is litrev's own: the settings, or the database and what is kept beside it."""
    if not is_library(file.parent):
        return False
    # By prefix: SQLite puts library.db-wal and -shm beside it, litrev its backups.
    return file.name == SETTINGS or file.name.startswith(DATABASE)
