"""What extraction finds: a span of the text for a field, its rule and its confidence."""

from __future__ import annotations

from typing import NamedTuple


class Proposal(NamedTuple):
    """``text[start:end]`` proposed for ``field``.

    ``confidence`` estimates how often such a proposal is right, from 0 to 1. ``label`` is the name
    that a vocabulary has for it, ``number`` that of a chapter.
    """

    field: str
    start: int
    end: int
    confidence: float
    rule: str
    label: str | None = None
    number: int | None = None
