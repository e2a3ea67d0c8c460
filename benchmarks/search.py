"""Search as ratios in one run: litrev's embedded engine beside Whoosh's defaults, SQLite's FTS5 and
tantivy.

python benchmarks/search.py [--records 1000] [--repeat 5] [--builds 5] [--engines
litrev,whoosh,fts5,tantivy] [--no-process]

All is CPU time, the least of --repeat, each build and each engine in a process of its own. tantivy
comes with the extra ``bench``. The queries are those of the shared data; FTS5 has no fuzzy ones, so
sums are over the 64 others.
"""

from __future__ import annotations

import gc
import json
import math
import multiprocessing
import os
import pty
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.corpus import CORPUS, parser, records, write_bibtex
from benchmarks.search_engines import ENGINES, Asked, Litrev, Measured, Raw

QUERIES = CORPUS.parent.parent / "search" / "queries.json"
CHANGES = 9
RUNS = 11  # of the whole process
T = TypeVar("T")


def apart(task: Callable[..., T], *arguments: object) -> T:
    """What ``task`` gives in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, arguments)


def spent(action: Callable[[], object]) -> float:
    """CPU seconds of ``action`` in this process, all its threads."""
    start = time.process_time()
    action()
    return time.process_time() - start


def queries(name: str) -> list[Asked]:
    """The queries that an engine can answer."""
    asked: list[Asked] = json.loads(QUERIES.read_text("utf-8"))
    return [query for query in asked if query["type"] not in ENGINES[name].without]


# What is done in processes of their own


def version(name: str, folder: Path) -> str:
    """What the engine is, and what it cannot do; raises ImportError when it is not installed."""
    engine = ENGINES[name](folder)
    return str(engine.version)


def build(name: str, folder: Path, count: int) -> float:
    """CPU seconds of one build."""
    run = ENGINES[name](folder).build(list(records(count)))
    gc.freeze()
    return spent(run)


@dataclass(frozen=True, slots=True)
class Answers:
    """CPU ms of each query, the first time and at least, and the hits."""

    first: dict[str, float]
    least: dict[str, float]
    totals: dict[str, int]


def ask(name: str, folder: Path, count: int, repeat: int) -> Answers:
    """Ask all queries ``repeat`` times, one round after the other."""
    engine = ENGINES[name](folder)
    if isinstance(engine, Litrev):
        engine.keep_texts(records(count))
    engine.open()
    gc.collect()
    gc.freeze()
    asked, rounds, totals = queries(name), list[dict[str, float]](), dict[str, int]()
    for _ in range(repeat):
        rounds.append({})
        for query in asked:
            start = time.process_time()
            total, _ = engine.search(query)
            rounds[-1][query["id"]] = 1000 * (time.process_time() - start)
            totals[query["id"]] = total
    engine.close()
    return Answers(
        rounds[0], {query: min(times[query] for times in rounds) for query in totals}, totals
    )


def first_answer(name: str, folder: Path) -> float:
    """CPU ms of opening the index and one rare word, imports done."""
    engine = ENGINES[name](folder)
    query = next(query for query in queries(name) if query["type"] == "rare")

    def run() -> None:
        engine.open()
        engine.search(query)

    return 1000 * spent(run)


def memory(name: str, folder: Path) -> tuple[float, float]:
    """Megabytes at most, before the index is opened and after all queries (litrev's without cutting
    snippets).
    """
    engine = ENGINES[name](folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    engine.open()
    for query in queries(name):
        engine.search(query)
    return before / 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def change(name: str, folder: Path, count: int) -> tuple[float, float]:
    """CPU ms, median and most, from one changed record to finding it by its new word."""
    engine = ENGINES[name](folder)
    engine.open()
    chosen = list(records(count))[:: max(1, count // CHANGES)][:CHANGES]
    gc.freeze()
    times = [
        1000 * spent(partial(_change, engine, record, f"qqchanged{letter}"))
        for record, letter in zip(chosen, "abcdefghi", strict=False)
    ]
    engine.close()
    return statistics.median(times), max(times)


def _change(engine: Measured, record: Raw, word: str) -> None:
    engine.change({**record, "title": f"{record['title']} {word}"})
    assert engine.search({"type": "rare", "terms": [word]}) == (1, [record["key"]])


# The whole process


def on_terminal(command: Sequence[str], environ: Mapping[str, str]) -> tuple[float, str]:
    """CPU seconds of ``command`` on a terminal of its own, and what it wrote there; raises
    CalledProcessError when it fails.
    """
    ours, theirs = pty.openpty()
    written = list[bytes]()
    process = subprocess.Popen(
        command,
        env={**os.environ, **environ},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    reader = threading.Thread(target=_read, args=(ours, written))
    reader.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    os.close(ours)
    text = b"".join(written).decode()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, text)
    return usage.ru_utime + usage.ru_stime, text


def _read(terminal: int, written: list[bytes]) -> None:
    try:
        while piece := os.read(terminal, 65_536):
            written.append(piece)
    except OSError:  # Linux says EIO when nobody holds the other end any more
        return


def whole_process(folder: Path, count: int) -> None:
    """Print what `litrev search` costs on a terminal beside what it imports to draw a table."""
    folder.mkdir()
    write_bibtex(folder / "corpus.bib", count)
    environ = {
        "COLUMNS": "100",
        "TERM": "xterm-256color",
        "PAGER": "",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    environ |= {
        f"XDG_{name}_HOME": str(folder / name.lower())
        for name in ("CACHE", "CONFIG", "DATA", "STATE")
    }
    environ |= {"LITREV_CACHE": str(folder / "cache"), "LITREV_CONFIG": str(folder / "config.toml")}
    litrev = [sys.executable, "-m", "litrev"]
    at_library = [*litrev, "-C", str(folder / "review")]
    on_terminal([*litrev, "init", str(folder / "review")], environ)
    on_terminal([*at_library, "add", "--no-extract", str(folder / "corpus.bib")], environ)
    search = [*at_library, "search", "hippocampus"]
    on_terminal(search, environ)  # builds the index
    _, text = on_terminal(search, environ)
    assert "hippocampus" in text.casefold() and "\x1b[" in text, text
    bare = [sys.executable, "-c", "import click, rich.console, rich.table"]
    ours, theirs = (
        1000 * min(on_terminal(command, environ)[0] for _ in range(RUNS))
        for command in (search, bare)
    )
    table(
        f"Whole process on a terminal: CPU ms, least of {RUNS}",
        ("", "CPU ms", "ratio"),
        [
            ("litrev search hippocampus", f"{ours:.0f}", f"{ours / theirs:.2f}x"),
            ("import click, rich.console, rich.table", f"{theirs:.0f}", "1"),
        ],
    )


# Tables


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below each other, the first column to the left and the others to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        print(
            "  ".join(
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
        )


def number(value: float) -> str:
    """Three figures or so."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(figures: Mapping[str, float], other: str) -> str:
    """The ratio of litrev's figure to that of another, where both are there."""
    return (
        f"{figures['litrev'] / figures[other]:.2f}x"
        if {"litrev", other} <= figures.keys() and figures[other]
        else ""
    )


def show_figures(title: str, measures: Mapping[str, Mapping[str, float]]) -> None:
    """Print engines by measures, and below litrev's ratio to each of the others."""
    names = list(dict.fromkeys(name for figures in measures.values() for name in figures))
    rows = [
        [
            name,
            *(number(figures[name]) if name in figures else "-" for figures in measures.values()),
        ]
        for name in names
    ]
    if "litrev" in names:
        rows += [
            [f"litrev / {other}", *(ratio(figures, other) or "-" for figures in measures.values())]
            for other in names
            if other != "litrev"
        ]
    table(title, ("", *measures), rows)


def show_builds(folders: Mapping[str, Path], seconds: Mapping[str, float], count: int) -> None:
    """Print how fast each built, and how large that is."""
    size = {
        name: sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        for name, folder in folders.items()
    }
    rate = {name: count / spent for name, spent in seconds.items()}
    show_figures("Build", {"records / CPU s": rate, "CPU s": seconds, "index MB": size})


def show_answers(answers: Mapping[str, Answers]) -> None:
    """Print CPU ms by class of queries, and how many hits the engines agree on."""
    kind = {query["id"]: query["type"] for query in json.loads(QUERIES.read_text("utf-8"))}
    measures: dict[str, dict[str, float]] = {}
    for group in dict.fromkeys(kind.values()):
        measures[group] = {
            name: statistics.fmean(least)
            for name, a in answers.items()
            if (least := [ms for q, ms in a.least.items() if kind[q] == group])
        }
    plain = {
        name: sorted(ms for query, ms in a.least.items() if kind[query] != "fuzzy")
        for name, a in answers.items()
    }
    measures["sum 64"] = {name: sum(times) for name, times in plain.items()}
    measures["1st round"] = {
        name: sum(ms for query, ms in a.first.items() if kind[query] != "fuzzy")
        for name, a in answers.items()
    }
    measures["p95 of 64"] = {name: _p95(times) for name, times in plain.items()}
    measures["p95 of all"] = {
        name: _p95(sorted(a.least.values()))
        for name, a in answers.items()
        if len(a.least) == len(kind)
    }
    show_figures(
        "Queries: CPU ms, the mean of each class; the sum, at least and the first time; p95",
        measures,
    )
    if "litrev" not in answers:
        return
    rows, ours = [], answers["litrev"].totals
    for name in [name for name in answers if name != "litrev"]:
        pairs = {
            query: (ours[query], total)
            for query, total in answers[name].totals.items()
            if kind[query] != "fuzzy"
        }
        gaps = {
            query: abs(one - other) / max(one, other, 1) for query, (one, other) in pairs.items()
        }
        counts = [sum(gap <= most for gap in gaps.values()) for most in (0, 0.02, 0.1)]
        worst = [
            f"{query} {pairs[query][0]}:{pairs[query][1]}"
            for query in sorted(gaps, key=gaps.__getitem__, reverse=True)[:4]
            if gaps[query]
        ]
        both = (sum(one for one, _ in pairs.values()), sum(other for _, other in pairs.values()))
        rows.append((name, *map(str, counts), f"{both[0]:,}:{both[1]:,}", ", ".join(worst)))
    table(
        "Hits of the 64 queries, litrev beside each",
        ("", "equal", "within 2 %", "within 10 %", "all hits", "furthest apart"),
        rows,
    )


def _p95(times: Sequence[float]) -> float:
    return times[math.ceil(0.95 * len(times)) - 1]


def main() -> None:
    """Print the tables."""
    options = parser(__doc__)
    options.add_argument("--repeat", type=int, default=5)
    options.add_argument("--builds", type=int, help="as --repeat unless told")
    options.add_argument("--engines", default=",".join(ENGINES))
    options.add_argument("--no-process", action="store_true")
    chosen = options.parse_args()
    count, repeat = chosen.records, chosen.repeat
    with tempfile.TemporaryDirectory() as root:
        versions, folders = dict[str, str](), dict[str, Path]()
        for name in chosen.engines.split(","):
            folder = Path(root) / name
            folder.mkdir()
            try:
                versions[name], folders[name] = apart(version, name, folder), folder
            except ImportError as error:
                print(f"{name} is left out: {error}; it comes with `pip install litrev[bench]`")
        print(f"{count:,} records; least of {repeat}; {', '.join(versions.values())}")
        seconds = dict.fromkeys(folders, float("inf"))
        for round in range(chosen.builds or repeat):
            for name, before in tuple(folders.items()):
                shutil.rmtree(before)
                folders[name] = Path(root) / f"{name}{round}"
                folders[name].mkdir()
                seconds[name] = min(seconds[name], apart(build, name, folders[name], count))
        show_builds(folders, seconds, count)
        show_answers(
            {name: apart(ask, name, folder, count, repeat) for name, folder in folders.items()}
        )
        opened = {
            name: min(apart(first_answer, name, folder) for _ in range(repeat))
            for name, folder in folders.items()
        }
        held = {name: apart(memory, name, folder) for name, folder in folders.items()}
        changed = {name: apart(change, name, folder, count) for name, folder in folders.items()}
        show_figures(
            (
                "A fresh process, imports done: CPU ms to the first answer, "
                "MB with imports alone and at most; CPU ms of one changed record"
            ),
            {
                "first answer": opened,
                "MB imports": {name: megabytes[0] for name, megabytes in held.items()},
                "MB at most": {name: megabytes[1] for name, megabytes in held.items()},
                "change, median": {name: ms[0] for name, ms in changed.items()},
                "change, most": {name: ms[1] for name, ms in changed.items()},
            },
        )
        if not chosen.no_process:
            whole_process(Path(root) / "whole", count)


if __name__ == "__main__":
    main()
