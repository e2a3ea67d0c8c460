"""Whatever happens to an index on the disk: right answers, or a refusal in words."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import litrev
from litrev.errors import EnvironmentFault
from litrev.index.embedded import layout
from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.embedded.manifest import read_manifest, write_manifest
from litrev.index.embedded.segment import Segment
from litrev.index.grammar import parse
from litrev.workspace.opening import open_workspace
from litrev.workspace.session import Reporting
from litrev.workspace.workspace import Workspace
from tests.conftest import ROOT, CommandLine
from tests.index.embedded import changing
from tests.index.embedded.changing import FIELDS, STRUCTURED, found, lying_about, right, seen, take

QUESTIONS = ("trust", '"village trust"~3', "harb*", "tag:odd NOT diary", "has:methods")
Answers = dict[str, tuple[int, list[tuple[str, float]]]]


def answers(review: Workspace) -> Answers:
    given: Answers = {}
    for question in QUESTIONS:
        answer = review.search(question, limit=3)
        scores = [(match.record.key, round(match.score, 9)) for match in answer.matches]
        given[question] = (answer.total, scores)
    return given


def matching(review: Workspace) -> dict[str, list[str]]:
    return {question: sorted(review.search(question, limit=None).keys) for question in QUESTIONS}


@dataclass
class Shelf:
    """A library whose index has two segments with something deleted, and what it answers: as it is,
    and built anew.
    """

    folder: Path
    model: Path
    environ: dict[str, str]
    index: Path
    grown: Answers = field(default_factory=dict)
    fresh: Answers = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def open(self) -> Workspace:
        return open_workspace(self.folder, self.environ, reporting=Reporting(self.notices.append))

    def restore(self) -> None:
        """Put the index back as it was, as if it had been written so."""
        shutil.rmtree(self.index, ignore_errors=True)
        shutil.copytree(self.model, self.index)
        restamp(self.index)
        self.notices.clear()

    def is_right(self, review: Workspace, what: object, *, rebuilt: bool = True) -> None:
        assert answers(review) == (self.fresh if rebuilt else self.grown), what
        assert len(self.notices) == rebuilt, (what, self.notices)


def restamp(index: Path, change: Callable[[dict[str, Any]], None] = lambda told: None) -> None:
    """Let the manifest say that all files are as they were written."""
    told = read_manifest(index)
    assert told is not None
    for segment in told["segments"]:
        segment["files"] = {name: layout.stamp(index / name) for name in segment["files"]}
    change(told)
    write_manifest(index, told)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    base = tmp_path_factory.mktemp("shelf")
    environ = {
        "LITREV_CACHE": str(base / "cache"),
        "LITREV_CONFIG": str(base / "config.toml"),
        "LITREV_USER": "reader",
    }
    litrev.init(base / "rev").close()
    shelf = Shelf(base / "rev", base / "model", environ, base)
    texts = [
        (
            f"We study {'trust' if n % 2 else 'diary'} in village {n} "
            f"{'trust' if n % 3 else 'ferries'}. Surveys of {n} harbours {n * n}."
        )
        for n in range(30)
    ]
    with shelf.open() as review:
        shelf.index = review.index_folder
        review.add_text("\n---\n".join(texts[:25]))
        review.search("trust")
        ids = review.library.ids()
        review.tag(ids[1:9:2], ["odd"])
        review.set(review.library.record(ids[3]).key, ["title=Harbours of trust", "methods=survey"])
        review.remove(ids[5:7])
        review.add_text("\n---\n".join(texts[25:]))
        shelf.grown = answers(review)
        shutil.copytree(shelf.index, shelf.model)
        review.rebuild_index()
        shelf.fresh = answers(review)
    return shelf


@pytest.fixture
def shelf(made: Shelf) -> Shelf:
    made.restore()
    return made


def files(index: Path) -> list[str]:
    return sorted(path.name for path in index.iterdir() if path.name != "writing")


# Files that are not as they were written


def missing(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def cut(path: Path) -> None:
    """Somewhere, by a seed of the file's size and kind."""
    os.truncate(
        path, random.Random(f"{path.suffix}{path.stat().st_size}").randrange(1, path.stat().st_size)
    )


def one_byte_longer(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\0")


def flipped(path: Path) -> None:
    """Change some bytes where they lie, by a seed of the file's size and kind."""
    chance = random.Random(f"{path.suffix}{path.stat().st_size}")
    with path.open("r+b") as file:
        for _ in range(chance.choice((1, 1, 3, 20))):
            at = chance.randrange(path.stat().st_size)
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ chance.randrange(1, 256)]))


DAMAGES = (missing, emptied, cut, one_byte_longer, flipped)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("already", [False, True], ids=["opened later", "open already"])
def test_a_damaged_file_never_makes_a_wrong_answer(
    shelf: Shelf, damage: Callable[[Path], None], already: bool
) -> None:
    """All but the table of contents, which litrev never reads, is rebuilt with one notice."""
    segments = (read_manifest(shelf.index) or {})["segments"]
    assert len(segments) == 2
    spared = segments[(DAMAGES.index(damage) + already) % 2][
        "files"
    ]  # for the sake of time each damage is done to one of the two
    for name in files(shelf.index):
        if name in spared:
            continue
        shelf.restore()
        with shelf.open() as review:
            if already:
                shelf.is_right(review, name, rebuilt=False)
            damage(shelf.index / name)
            if (
                name == "manifest.json" and damage is missing
            ):  # then there was no index yet, and there is nothing to say
                assert answers(review) == shelf.fresh
                assert shelf.notices == []
            else:
                shelf.is_right(review, (name, damage.__name__), rebuilt=not name.endswith(".toc"))


@pytest.mark.slow
@settings(max_examples=15)
@given(st.data())
def test_bytes_flipped_anywhere_never_make_a_wrong_answer(made: Shelf, data: st.DataObject) -> None:
    made.restore()
    name = data.draw(
        st.sampled_from([name for name in files(made.index) if not name.endswith(".toc")]), "file"
    )
    content = bytearray((made.index / name).read_bytes())
    places = data.draw(
        st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4, unique=True), "places"
    )
    with made.open() as review:
        made.is_right(review, "before", rebuilt=False)
        for place in places:
            content[place] ^= data.draw(st.integers(1, 255))
        (made.index / name).write_bytes(content)
        made.is_right(review, (name, places))


def test_a_damaged_index_is_one_line_on_stderr(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "only", stdin="About trust.")
    cli.ok("search", "trust")
    index = Path(cli.ok("index", "path").out.strip())
    for name in files(index):
        if name.endswith(".toc") or not (index / name).exists():
            continue
        flipped(index / name)
        done = cli.ok("search", "trust", "-k")
        assert (done.lines, len(done.err.splitlines())) == (["only"], 1), name
        assert "is rebuilt" in done.err
        assert cli.ok("search", "trust", "-k").err == ""


def test_a_manifest_that_says_nonsense_is_rebuilt(shelf: Shelf) -> None:
    def without(name: str) -> Callable[[dict[str, Any]], None]:
        return lambda told: told.pop(name)

    changes: list[Callable[[dict[str, Any]], Any]] = [
        without(name) for name in read_manifest(shelf.index) or {}
    ]
    changes += [
        lambda told: told["position"].pop("head"),
        lambda told: told["position"].update(tail=1),
        lambda told: told.update(segments=[{}]),
        lambda told: told.update(byteorder="middle"),
        lambda told: told["segments"][0].update(documents=1000),
        lambda told: told["segments"][0].update(width=3),
        lambda told: told["segments"][0]["terms"].update(terms=10**6),
    ]
    for number, change in enumerate(changes):
        shelf.restore()
        restamp(shelf.index, change)
        with shelf.open() as review:
            # What is found out late is rebuilt late.
            for question, answer in answers(review).items():
                assert answer in (shelf.grown[question], shelf.fresh[question]), (number, question)
            assert len(shelf.notices) <= 1, (number, shelf.notices)
    wrong = [f"{zlib.crc32(text.encode()):08x}\n{text}" for text in ("{", "[]", "null", "1")]
    for text in ("", "00000000\n", "not a manifest", *wrong):
        shelf.restore()
        (shelf.index / "manifest.json").write_text(text)
        with shelf.open() as review:
            shelf.is_right(review, text)


@pytest.mark.parametrize(
    "name",
    [
        "_MAIN_99999999999.toc",
        "_MAIN_².toc",
        "_MAIN_x.toc",
        "MAIN_stray.trm",
        ".litrev-stray",
        f"_MAIN_{'9' * 200}.toc",
    ],
)
def test_a_stray_file_is_cleared_away(shelf: Shelf, name: str) -> None:
    (shelf.index / name).write_bytes(b"stray")
    with shelf.open() as review:
        review.rebuild_index()
        assert answers(review) == shelf.fresh
    assert lying_about(shelf.index) == set()


# Code in an index


@dataclass
class Bomb:
    """A pickle that leaves a mark when it is read."""

    mark: Path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)

    def bytes(self) -> bytes:
        return pickle.dumps(((1,), self, None), 4)


@pytest.fixture
def bomb(tmp_path: Path) -> Bomb:
    made = Bomb(tmp_path / "ran")
    pickle.loads(made.bytes())
    assert made.mark.is_dir(), "the pickle does run what it holds"
    made.mark.rmdir()
    return made


def into_the_table_of_contents(index: Path, code: bytes) -> None:
    (path,) = index.glob("*.toc")
    content = path.read_bytes()
    at = content.index(b"\x80\x02")
    path.write_bytes(content[:at] + code + content[at + len(code) :])


def into_the_extras(index: Path, code: bytes) -> None:
    for path in index.glob("*.trm"):
        content = path.read_bytes()
        at = content.rindex(b"\x80", 0, content.rindex(b"indexlen"))
        end = content.index(b".", content.rindex(b"indexlen")) + 1
        (length,) = struct.unpack("!i", content[-4:])
        path.write_bytes(
            content[:at]
            + code
            + content[end:-4]
            + struct.pack("!i", length + len(code) - (end - at))
        )


def block(code: bytes, squeezed: bool, *, info: bytes | None = None) -> bytes:
    """A list of postings with one block that is all right outside."""
    data = zlib.compress(code) if squeezed else code
    head = info or struct.pack(
        "<3s cI cI cI cB cB cB 2s",
        b"\x80\x02(",
        b"J",
        1,
        b"J",
        1,
        b"J",
        1,
        b"K",
        squeezed,
        b"K",
        0,
        b"K",
        255,
        b"t.",
    )
    return b"W3Bl" + struct.pack("!i", -len(head + data)) + head + data


def into_the_postings(index: Path, blocks: bytes) -> None:
    """Put the block behind all others, and let each term point there."""
    told = read_manifest(index)
    assert told is not None
    for entry in told["segments"]:
        segment = Segment(index, entry)
        terms = [
            term
            for name in entry["terms"]["fields"]
            for _, term in segment.terms.starting(name, b"")
        ]
        posts, names = index / f"{segment.name}.pst", index / f"{segment.name}.trm"
        extent = struct.pack("!qi", posts.stat().st_size, len(blocks))
        content = names.read_bytes()
        for term in terms:
            content = content.replace(struct.pack("!qi", term.offset, term.length), extent)
        segment.close()
        names.write_bytes(content)
        with posts.open("ab") as file:
            file.write(blocks)


@pytest.mark.parametrize("already", [False, True], ids=["opened later", "open already"])
@pytest.mark.parametrize(
    ("place", "rebuilt"),
    [
        (into_the_table_of_contents, False),
        (into_the_extras, False),
        (lambda index, code: into_the_postings(index, block(code, False)), True),
        (lambda index, code: into_the_postings(index, block(code, True)), True),
        (lambda index, code: into_the_postings(index, block(b"", False, info=code)), True),
    ],
    ids=[
        "table of contents",
        "extras of the terms",
        "block",
        "squeezed block",
        "information on a block",
    ],
)
def test_code_in_an_index_is_never_run(
    shelf: Shelf, bomb: Bomb, place: Callable[[Path, bytes], None], rebuilt: bool, already: bool
) -> None:
    """However well it is hidden: all sizes, stamps and checksums are right."""
    with shelf.open() as review:
        if already:
            shelf.is_right(review, "before", rebuilt=False)
        place(shelf.index, bomb.bytes())
        restamp(shelf.index)
        shelf.is_right(review, place, rebuilt=rebuilt)
        review.index_health()
        review.compact_index()
        assert matching(review)
    assert not bomb.mark.exists()


# Indexes of others


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda told: told.update(format=told["format"] + 1), "another version"),
        (lambda told: told.update(format=1), "another version"),
        (lambda told: told.update(analyzer=told["analyzer"] + 2), "another version"),
        (lambda told: told["position"].update(library="another"), "another library"),
        (lambda told: told["position"].update(epoch="another"), "restored"),
        (lambda told: told["position"].update(revision=10**6), "restored"),
        (lambda told: told["position"].update(head="unheard of"), "restored"),
        (lambda told: told["position"].update(codebook=99), "codebook"),
    ],
)
def test_an_index_of_something_else_is_rebuilt(
    shelf: Shelf, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    restamp(shelf.index, change)
    with shelf.open() as review:
        shelf.is_right(review, reason)
        assert reason in shelf.notices[0]


def test_the_index_of_another_library_in_the_place_of_ours_is_rebuilt(
    shelf: Shelf, tmp_path: Path
) -> None:
    with litrev.init(tmp_path / "other") as other:
        other.add_text("About trust in something else.")
        other.search("trust")
        shutil.rmtree(shelf.index)
        shutil.copytree(other.index_folder, shelf.index)
    with shelf.open() as review:
        shelf.is_right(review, "of another library")


# Processes


def worker(*words: str) -> subprocess.Popen[str]:
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
    }
    return subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
        cwd=ROOT,
    )


def ended_well(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


@pytest.mark.slow
def test_a_process_killed_at_any_moment_leaves_a_state_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    chance, step = random.Random(12), 0
    take(EmbeddedEngine(tmp_path, STRUCTURED), 0)
    for kill in range(12):
        process = worker("-m", changing.__name__, "change", str(tmp_path), str(step))
        assert process.stdout is not None
        acknowledged = int(process.stdout.readline())
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(chance.random() / 8)
        process.kill()
        rest = process.communicate()[0].split("\n")[:-1]
        assert process.returncode == -signal.SIGKILL
        acknowledged = int(rest[-1]) if rest else acknowledged
        engine = EmbeddedEngine(tmp_path, STRUCTURED)
        told = engine.seen()
        assert told in (seen(acknowledged), seen(acknowledged + 1)), (
            kill
        )  # the last may have been done and not told
        step = told.position.revision
        assert found(engine) == found(right(step)), (kill, step)
        assert engine.health().problems == ()
        engine.close()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_killed_at_any_step_with_a_file_leaves_the_state_before_or_after(
    tmp_path: Path,
) -> None:
    """A build, changes, a merging change, a change that compacts first, and building anew; what lay
    about is cleared away next time.
    """
    ended_well(worker("-m", changing.__name__, "kill", str(tmp_path), "17", "0", "6", "7", "8"))


@pytest.mark.slow
def test_two_processes_that_write_at_once_both_succeed(tmp_path: Path) -> None:
    with litrev.init(tmp_path / "rev") as review:
        review.add_text("The first text about trust.")
        script = """if True:
            import sys, litrev
            with litrev.open(sys.argv[1]) as review:
                for n in range(6):
                    review.add_text(f"Text {sys.argv[2]} {n} about trust.")
                    assert review.search(f'"{sys.argv[2]} {n} about"').total == 1
        """
        processes = [worker("-c", script, str(tmp_path / "rev"), name) for name in ("one", "two")]
        for process in processes:
            assert ended_well(process) == ""
        assert review.search("trust").total == 13
        grown = matching(review)
        review.rebuild_index()
        assert matching(review) == grown


@pytest.mark.slow
def test_a_reader_keeps_answering_while_others_rebuild_and_compact(tmp_path: Path) -> None:
    """What it finds is right each time, and nothing is said to be damaged."""
    take(EmbeddedEngine(tmp_path, STRUCTURED), 9)
    process = worker("-m", changing.__name__, "swap", str(tmp_path), "25")
    expected, reader = found(right(9)), EmbeddedEngine(tmp_path, STRUCTURED)
    asked = 0
    while process.poll() is None:
        assert found(reader) == expected
        assert EmbeddedEngine(tmp_path, STRUCTURED).count(parse("trust", FIELDS)) == len(
            expected["trust"]
        )  # one that opens it just now
        asked += 1
    ended_well(process)
    assert asked > 1
    assert found(reader) == expected
    reader.close()


def test_a_reader_that_is_overtaken_while_it_opens_an_index_opens_the_new_one(
    tmp_path: Path,
) -> None:
    take(EmbeddedEngine(tmp_path / "made", STRUCTURED), 9)
    shutil.copytree(tmp_path / "made", tmp_path / "copied")  # so that its files are looked at
    ended_well(worker("-m", changing.__name__, "overtaken", str(tmp_path / "copied")))


# What the machine refuses


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a folder away"
)
def test_an_index_folder_of_another_user_is_refused(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "only", stdin="About trust.")
    cli.ok("search", "trust")
    index = Path(cli.ok("index", "path").out.strip())
    os.chown(index, 12345, -1)
    with pytest.raises(EnvironmentFault, match="belongs to another user"):
        EmbeddedEngine(index, STRUCTURED)
    done = cli("search", "trust")
    assert (done.status, done.out) == (5, "")
    assert "belongs to another user" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of resources")
@pytest.mark.parametrize(
    "command", [("search", "ferries", "-k"), ("index", "rebuild")], ids=["change", "rebuild"]
)
def test_a_full_disk_is_refused_and_leaves_the_index_as_it_was(
    cli: CommandLine, command: tuple[str, ...]
) -> None:
    cli.ok("add", "-", "--key", "before", stdin="About trust.")
    cli.ok("search", "trust")
    index = Path(cli.ok("index", "path").out.strip())
    before = EmbeddedEngine(index, ())
    told = before.seen()
    cli.ok(
        "add",
        "-",
        "--key",
        "after",
        stdin=f"About ferries {' '.join(f'word{n}' for n in range(3000))}.",
    )
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000)); "
        "from litrev.cli.main import main; sys.exit(main())"
    )
    environ = {
        **os.environ,
        **cli.environ,
        "LITREV_USER": "reader",
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
    }
    done = subprocess.run(
        [sys.executable, "-c", script, *command],
        cwd=cli.folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (5, ""), done.stderr
    assert "File too large" in done.stderr
    assert "damaged" not in done.stderr
    assert before.seen() == told
    assert lying_about(index) == set(), "what cannot be completed does not fill the disk"
    assert before.health().problems == ()
    assert before.count(parse("trust", FIELDS)) == 1
    before.close()
    assert cli.ok("search", "ferries", "-k").lines == ["after"]
    assert lying_about(index) == set()
