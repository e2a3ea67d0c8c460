"""The engines there are, each made for one library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.engine import Engine


def embedded(folder: Path, structured: Sequence[str]) -> Engine:
    """The engine that comes with litrev, with its index in ``folder``.

    ``structured`` are the names of the fields of the codebook. Raises EnvironmentFault when the
    folder cannot be made, or belongs to somebody else.
    """
    return EmbeddedEngine(folder, structured)
