"""The nearest known word to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A "Did you mean …?" with the nearest of ``known``; empty when none is near.

    >>> did_you_mean("titel", ["title", "venue"]), did_you_mean("xyz", ["title", "venue"])
    ('Did you mean title?', '')
    """
    # Imported here, since only error messages need it.
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else ""
