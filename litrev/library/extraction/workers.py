"""Many abstracts searched by several processes, in order.

Only those that are being searched are in memory.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice

from litrev.errors import EnvironmentFault
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.proposing import Extractor

MANY = 300  # abstracts from which it pays to start processes
_AT_ONCE = 25  # abstracts a process is given
_AHEAD = 3  # batches each process may be ahead

SearchedText = tuple[str, list[Proposal]]
Search = Callable[[Iterable[str]], Iterator[SearchedText]]


@contextmanager
def searching(extractor: Extractor, workers: int) -> Iterator[Search]:
    """A function that searches abstracts, and yields each with its proposals, in the same order.

    Raises EnvironmentFault when one of its processes is ended from outside.
    """
    if workers < 2:
        yield lambda texts: ((text, extractor.search(text)) for text in texts)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _begin)
    try:
        yield partial(_by_pool, pool, extractor, workers)
    except BrokenProcessPool as error:
        raise EnvironmentFault(
            "a process that searched abstracts was ended from outside",
            "Run it again with --jobs 1; what was finished is kept.",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that writes is the one to stop


def _search_all(extractor: Extractor, texts: Sequence[str]) -> list[SearchedText]:
    return [(text, extractor.search(text)) for text in texts]


def _by_pool(
    pool: ProcessPoolExecutor, extractor: Extractor, workers: int, texts: Iterable[str]
) -> Iterator[SearchedText]:
    waiting: deque[Future[list[SearchedText]]] = deque()
    source = iter(texts)
    while batch := list(islice(source, _AT_ONCE)):
        waiting.append(pool.submit(_search_all, extractor, batch))
        if len(waiting) >= _AHEAD * workers:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()
