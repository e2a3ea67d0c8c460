"""An index that is changed step by step: what it holds after each is known, in whatever process and
however that one ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from litrev.index.documents import Document
from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.embedded.manifest import files_of, read_manifest
from litrev.index.engine import Engine, Seen
from litrev.index.grammar import Fields, parse
from litrev.library.storage.library import Position
from tests.contract.reference import ReferenceEngine

STRUCTURED = ("methods", "site")
FIELDS = Fields({"title", "abstract", "author", "fields", *STRUCTURED}, set(STRUCTURED))
QUERIES = (
    "*",
    "trust",
    "title:harbour",
    '"village trust"',
    "author:lee",
    "harb*",
    "methods:survey",
    "year:2003",
    "site:ostend NOT trust",
    "社区",
)
RECORDS = 12
_WORDS = (
    "trust village harbour ferry ostend survey diary community 社区 study studies low resource"
).split()
_FILE_STEPS = frozenset({"open", "os.rename", "os.remove"})


def document(number: int, version: int) -> Document:
    """A document that says something else in each version."""
    words = [_WORDS[(number * 5 + version * 3 + k * k) % len(_WORDS)] for k in range(8)]
    texts = {
        "title": " ".join(words[:3]),
        "abstract": f"village trust {' '.join(words)} word{version}",
        "author": "Lee, An" if version % 2 else "Garcia",
    }
    texts |= {"methods": words[3], "site": words[4], "fields": f"{words[3]}\x1e {words[4]}"}
    facets = {"site": (words[4],)}
    return Document(
        f"id-{number:02}", texts, 2000 + version % 5, (f"has:{STRUCTURED[version % 2]}",), facets
    )


def seen(step: int) -> Seen:
    """What an index has seen after a step."""
    return Seen(Position("library", "epoch", step, 1, f"operation-{step}"), 1, 1)


def take(engine: Engine, step: int) -> None:
    """Take one step: mostly change three documents and remove one; at times build anew (step 0
    too), at times compact first.
    """
    with engine.exclusive():
        if step % 9 == 0:
            engine.rebuild(
                [document(number, step) for number in range(RECORDS)], seen(step), lambda done: None
            )
            return
        if step % 7 == 0:
            engine.compact()
        changed = {(step * factor) % RECORDS for factor in (1, 5, 7)}
        engine.apply(
            [document(number, step) for number in sorted(changed)],
            [f"id-{(step * 11 + 1) % RECORDS:02}"],
            seen(step),
        )


def right(step: int) -> ReferenceEngine:
    """The engine that is right after a step."""
    made = ReferenceEngine()
    for number in range(step - step % 9, step + 1):
        take(made, number)
    return made


def found(engine: Engine) -> dict[str, list[str]]:
    """What is found by each query."""
    return {
        query: sorted(hit.id for hit in engine.search(parse(query, FIELDS), None).hits)
        for query in QUERIES
    }


def lying_about(folder: Path) -> set[str]:
    """Files that belong to no index."""
    told: dict[str, Any] = read_manifest(folder) or {"segments": []}
    known = {"manifest.json", "writing", *(name for name, _ in files_of(told))}
    names = {path.name for path in folder.iterdir()}
    return (
        names
        - known
        - {
            max(
                (name for name in names if name.endswith(".toc")),
                default="",
                key=lambda name: int(name[6:-4]),
            )
        }
    )


def _killed_after(folder: Path, steps: int, act: Callable[[], None]) -> bool:
    """Act in a process that is killed at its ``steps``-th step with a file; False when it ended
    before.
    """
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    left = steps

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in _FILE_STEPS:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    act()
    os._exit(0)


def _kills(base: Path, start: int, stride: int) -> Iterator[str]:
    """Kill step ``start + 1`` at every ``stride``-th of its file operations; what is wrong then."""
    model, folder = base / "model", base / "index"
    engine = EmbeddedEngine(model, STRUCTURED)
    for step in range(start + 1):
        take(engine, step)
    engine.close()
    states = {seen(step): found(right(step)) for step in (start, start + 1, start + 2)}
    for steps in count(1, stride):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(model, folder)
        killed = _killed_after(
            folder, steps, lambda: take(EmbeddedEngine(folder, STRUCTURED), start + 1)
        )
        left = EmbeddedEngine(folder, STRUCTURED)
        told = left.seen()
        if told not in (seen(start), seen(start + 1)) or (not killed and told != seen(start + 1)):
            yield f"step {start + 1}, killed at {steps}: seen is {told}"
        elif found(left) != states[told]:
            yield f"step {start + 1}, killed at {steps}: found is not what was {told}"
        take(left, start + 1)
        take(left, start + 2)
        litter = lying_about(folder)
        if found(left) != states[seen(start + 2)] or litter:
            yield f"step {start + 1}, killed at {steps}: afterwards {litter} lies about"
        left.close()
        if not killed:
            return


def _change_for_ever(folder: Path, step: int) -> None:
    engine = EmbeddedEngine(folder, STRUCTURED)
    while True:
        step += 1
        take(engine, step)
        print(step, flush=True)


def _swap(folder: Path, times: int) -> None:
    """Let the index hold the same in ever other files."""
    engine = EmbeddedEngine(folder, STRUCTURED)
    for _ in range(times):
        take(engine, 9)
        with engine.exclusive():
            engine.apply([document(number, 9) for number in range(RECORDS)], [], seen(9))
            engine.compact()


def _overtaken(folder: Path) -> None:
    """Open an index that is swapped for another while its first file is looked at."""
    overtaken = False

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal overtaken
        if event == "open" and not overtaken and Path(str(arguments[0])).name.startswith("MAIN"):
            overtaken = True
            _swap(folder, 1)

    sys.addaudithook(watch)
    if found(EmbeddedEngine(folder, STRUCTURED)) != found(right(9)) or not overtaken:
        sys.exit("found is not what was there")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["change", folder, step]:
            _change_for_ever(Path(folder), int(step))
        case ["swap", folder, times]:
            _swap(Path(folder), int(times))
        case ["overtaken", folder]:
            _overtaken(Path(folder))
        case ["kill", folder, stride, *starts]:
            faults = [
                fault for start in starts for fault in _kills(Path(folder), int(start), int(stride))
            ]
            sys.exit("\n".join(faults) or None)
