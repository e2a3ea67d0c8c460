"""litrev: a literature-review and annotated-bibliography manager.

>>> import litrev, tempfile
>>> with litrev.init(tempfile.mkdtemp()) as review:
...     report = review.add_text("This paper takes village libraries as the research object.")
...     print(report.equation)
read 1 = added 1 + updated 0 + unchanged 0 + quarantined 0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from litrev.workspace.workspace import Workspace

__version__ = "0.1.0"
__all__ = ["__version__", "init", "open"]


def open(path: str | os.PathLike[str]) -> Workspace:
    """The library in the folder ``path``; raises LitrevError when there is none."""
    from litrev.workspace.opening import open_path

    return open_path(path)


def init(path: str | os.PathLike[str]) -> Workspace:
    """A new, empty library in the folder ``path``; raises LitrevError where that cannot be."""
    from litrev.workspace.opening import init_path

    return init_path(path)
