"""A pause of the garbage collector while very many objects are made that all stay alive."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Run the block without garbage collection, which looks for unreachable cycles."""
    # The collector runs after every so many allocations and walks the objects that are alive.
    # An import or a new index only adds objects, so it would walk more each time and free nothing:
    # about a tenth of the CPU time of importing 20,000 entries.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:  # blocks may be nested, and a calling program may run without it
            gc.enable()
