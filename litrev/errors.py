"""Every failure litrev raises on purpose: one root, each with its exit status and its remedy."""

from __future__ import annotations

from enum import IntEnum

from litrev.text.display import columns, visible

# How much of a long query is shown around the beginning of a fault.
_SHOWN_BEFORE = 40
_SHOWN_AFTER = 30


class Status(IntEnum):
    """Exit statuses of the command line.

    ``NOTHING`` says that nothing matched, or that ``check`` found something; ``QUARANTINED`` that
    some input was quarantined; ``CONFLICT`` that litrev gave way to another person or process;
    ``ENVIRONMENT`` that the machine refused. The last three are 128 and the number of the signal.
    """

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
    """Somebody asked the process to end, which is not a failure of litrev or of a plug-in.

    No Exception, so that nothing catches it that catches failures.
    """


class LitrevError(Exception):
    """The root of litrev's errors.

    ``message`` says what is wrong; ``remedy`` says what to do about it, and may be empty.
    ``status`` is the exit status the command line ends with.

    >>> print(LitrevError("no library here", "Make one: litrev init."))
    no library here
    Make one: litrev init.
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
    """A query that cannot be read.

    ``query[start:end]`` is the fault, at least one character, and just after the query when
    something is missing at its end. ``reason`` says what is wrong with it; ``suggestion`` becomes
    the remedy.
    """

    def __init__(self, query: str, start: int, end: int, reason: str, suggestion: str = "") -> None:
        self.query = query
        self.start = start
        self.end = max(end, start + 1)
        self.reason = reason
        super().__init__(f"query: {reason}\n{self.pointed()}", suggestion)

    def pointed(self) -> str:
        """The query with carets under the fault, cut to a window around it when it is long.

        >>> print(QuerySyntax("title:trust )", 12, 13, "unmatched parenthesis").pointed())
          title:trust )
                      ^
        """
        window_start = max(0, self.start - _SHOWN_BEFORE)
        window_end = self.start + _SHOWN_AFTER
        shown = visible(self.query[window_start:window_end])
        lead = "…" if window_start else ""
        tail = "…" if window_end < len(self.query) else ""
        # visible() replaces characters one by one, so offsets in the query are good here too.
        before_fault = shown[: self.start - window_start]
        fault = shown[self.start - window_start : self.end - window_start]
        under = columns(lead + before_fault)
        width = columns(fault) or 1
        return f"  {lead}{shown}{tail}\n  {' ' * under}{'^' * width}"
