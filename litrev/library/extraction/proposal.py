"""What extraction finds: a span of the text for a field, with the rule's name and its confidence."""

from __future__ import annotations

from typing import NamedTuple


class Proposal(NamedTuple):
    """``text[start:end]`` proposed for ``field``; ``confidence`` estimates how often this rule is
    right.
    """

    field: str
    start: int
    end: int
    confidence: float
    rule: str
    label: str | None = None
    number: int | None = None
