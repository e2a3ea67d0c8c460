"""litrev: a literature-review and annotated-bibliography manager.

Begin with a library, which is a folder: ``litrev.init(folder)`` makes one, ``litrev.open(folder)``
opens it. Both return a ``Workspace``: whatever a command of litrev does is one call on it.

>>> import litrev, tempfile
>>> with litrev.init(tempfile.mkdtemp()) as review:
...     report = review.add_text("This paper takes village libraries as the research object.")
...     print(report.equation)
...     for match in review.search("libraries").matches:
...         item = review.cells(match.record.key)["research_object"].items[0]
...         print(match.record.label(), item.value.text)
read 1 = added 1 + updated 0 + unchanged 0 + quarantined 0
“This paper takes village libraries as the research object.” village libraries

Results are plain data: a ``Record`` (one work), its ``Cell`` for each structured field with the
``Value`` items in it, each with ``Evidence``, the words of the abstract it rests on; an ``Answer``
to a search; a ``Table``. Failures are ``LitrevError``s, whose message says what to do. Nothing is
imported before it is used. The page docs/python.md of the project has a row
for each command; ``help(litrev.Workspace)`` has every call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os

    from litrev.errors import (
        Busy,
        Conflict,
        EnvironmentFault,
        LitrevError,
        NotFound,
        QuerySyntax,
        UsageFault,
    )
    from litrev.errors import Status as Status
    from litrev.library.model.record import Cell, Evidence, Record, Value
    from litrev.library.model.record import CellState as CellState
    from litrev.library.model.record import Item as Item
    from litrev.library.model.record import ItemState as ItemState
    from litrev.library.synthesis.model import Table
    from litrev.workspace.importing import formats
    from litrev.workspace.searching import Answer
    from litrev.workspace.searching import Match as Match
    from litrev.workspace.workspace import Workspace

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "Busy",
    "Cell",
    "Conflict",
    "EnvironmentFault",
    "Evidence",
    "LitrevError",
    "NotFound",
    "QuerySyntax",
    "Record",
    "Table",
    "UsageFault",
    "Value",
    "Workspace",
    "__version__",
    "formats",
    "init",
    "open",
]

# Where each name is defined. It is imported when it is first used, for start-up's sake.
_PLACES = {
    **dict.fromkeys(
        (
            "Busy",
            "Conflict",
            "EnvironmentFault",
            "LitrevError",
            "NotFound",
            "QuerySyntax",
            "Status",
            "UsageFault",
        ),
        "errors",
    ),
    **dict.fromkeys(
        ("Cell", "CellState", "Evidence", "Item", "ItemState", "Record", "Value"),
        "library.model.record",
    ),
    **dict.fromkeys(("Answer", "Match"), "workspace.searching"),
    "Table": "library.synthesis.model",
    "formats": "workspace.importing",
    "Workspace": "workspace.workspace",
}


def open(path: str | os.PathLike[str]) -> Workspace:
    """The library in the folder ``path``; raises LitrevError if there is none."""
    from litrev.workspace.opening import open_path

    return open_path(path)


def init(path: str | os.PathLike[str]) -> Workspace:
    """A new, empty library in the folder ``path``; raises LitrevError if it cannot be made."""
    from litrev.workspace.opening import init_path

    return init_path(path)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'litrev' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"litrev.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
