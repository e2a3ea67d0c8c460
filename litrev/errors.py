"""Every failure litrev raises on purpose: one root, each with its exit status and its remedy."""

from __future__ import annotations

from enum import IntEnum

from litrev.text.display import columns, visible


class Status(IntEnum):
    """Exit statuses of the command line."""

    DONE = 0
    NOTHING = 1
    USAGE = 2
    QUARANTINED = 3
    CONFLICT = 4
    ENVIRONMENT = 5
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    TERMINATED = 143


class Terminated(BaseException):
    """Somebody asked the process to end, which is not a failure of litrev or of a plug-in."""


class LitrevError(Exception):
    """The root of litrev's errors.

    ``message`` says what is wrong, ``remedy`` what to do about it; ``status`` is the exit status
    the command line ends with.
    """

    status: Status = Status.USAGE

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class NotFound(LitrevError):
    """Nothing has this key or row number, or matches this query."""

    status = Status.NOTHING


class UsageFault(LitrevError):
    """The request is wrong: an unknown name, a missing or contradictory option, and the like."""

    status = Status.USAGE


class Conflict(LitrevError):
    """The request would overwrite what somebody else has done."""

    status = Status.CONFLICT


class Busy(LitrevError):
    """Another writer has held the library or its index longer than litrev waits."""

    status = Status.CONFLICT


class EnvironmentFault(LitrevError):
    """The machine refuses: disk full, read-only, foreign owner, newer library, missing extra."""

    status = Status.ENVIRONMENT


class QuerySyntax(UsageFault):
    """A query that cannot be read; ``start`` and ``end`` are offsets of the fault in it."""

    def __init__(self, query: str, start: int, end: int, reason: str, suggestion: str = "") -> None:
        self.query, self.start, self.end, self.reason = query, start, max(end, start + 1), reason
        super().__init__(f"query: {reason}\n{self.pointed()}", suggestion)

    def pointed(self) -> str:
        """The query with carets under the fault, cut to a window around it when it is long."""
        before, after = 40, 30
        cut = max(0, self.start - before)
        shown = visible(self.query[cut : self.start + after])
        lead = "…" if cut else ""
        tail = "…" if self.start + after < len(self.query) else ""
        under = columns(lead + shown[: self.start - cut])
        width = columns(shown[self.start - cut : self.end - cut]) or 1
        return f"  {lead}{shown}{tail}\n  {' ' * under}{'^' * width}"
