"""Imports that are killed, or race: the next one finishes, and nothing comes in twice."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from tests.conftest import CommandLine


def kill_between_batches(cli: CommandLine, count: str, *words: str) -> None:
    """Start a command and kill it once the library tells, by the query ``count``, that some of its
    work is kept.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "litrev", "-q", *words],
        cwd=cli.folder,
        env={**os.environ, **cli.environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with closing(sqlite3.connect(f"file:{cli.folder / 'library.db'}?mode=ro", uri=True)) as library:
        while process.poll() is None and not library.execute(count).fetchone()[0]:
            time.sleep(0.01)
    process.kill()
    process.wait()


def test_an_interrupted_import_goes_on_where_it_was(bare: CommandLine) -> None:
    bare.ok("init")
    bare.write(
        "many.bib",
        "".join(
            f"@misc{{, title={{Work number {n}}}, author={{Author {n}}}, year=2000}}\n"
            for n in range(3000)
        ),
    )
    kill_between_batches(bare, "SELECT COUNT(*) FROM record", "add", "--no-extract", "many.bib")
    begun = len(bare.ok("list", "-k").lines)
    assert 0 < begun <= 3000
    bare.ok("add", "--no-extract", "many.bib")
    assert len(bare.ok("list", "-k").lines) == 3000


def test_two_processes_adding_one_file_add_it_once(bare: CommandLine) -> None:
    bare.ok("init")
    bare.write(
        "many.bib",
        "".join(
            f"@misc{{, title={{Work number {n}}}, author={{Author {n}}}, year=2000}}\n"
            for n in range(800)
        ),
    )
    command = [sys.executable, "-m", "litrev", "-q", "add", "--no-extract", "many.bib"]
    processes = [
        subprocess.Popen(
            command, cwd=bare.folder, env={**os.environ, **bare.environ}, stdout=subprocess.DEVNULL
        )
        for _ in range(3)
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(bare.ok("list", "-k").lines) == 800


def test_an_init_that_was_killed_can_be_done_again(bare: CommandLine) -> None:
    (bare.folder / ".library.db.1234").write_bytes(b"half")
    bare.ok("init")
    assert bare("list").status == 1


def test_a_killed_update_is_finished_by_the_next(bare: CommandLine) -> None:
    bare.ok("init")

    def write(journal: str) -> None:
        bare.write(
            "many.bib",
            "".join(
                f"@misc{{k{n}, title={{Work number {n}}}, author={{Author {n}}},"
                f" note={{{journal}}}, year=2000}}\n"
                for n in range(1200)
            ),
        )

    write("old")
    bare.ok("add", "--no-extract", "many.bib")
    write("new")
    settled = """SELECT COUNT(*) FROM block WHERE record_id IS NOT NULL
                 AND source_id = (SELECT id FROM source WHERE supersedes IS NOT NULL)"""
    kill_between_batches(bare, settled, "add", "--no-extract", "many.bib")
    done = bare("add", "--no-extract", "many.bib")
    assert done.status == 0
    records = json.loads(bare.ok("list", "--json").out)["records"]
    assert (len(records), {r["metadata"]["note"] for r in records}) == (1200, {"new"})
