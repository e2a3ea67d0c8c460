"""The review screen in a real terminal: keys in, screens out."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte
import pytest

import litrev
from litrev.library.model.record import CellState, ItemState
from tests.conftest import CommandLine

ABSTRACT = (
    "Nurses hand over patients every day. "
    "This study examines the written handover of nurses in T county. "
    "We used content analysis and a focus group. "
    "It is found that allergies were missing from 31% of the sheets. "
    "Sheets written after six were shorter than others."
)
CHINESE = (
    "目的:探讨护理干预对老年糖尿病患者自我管理能力的影响。"
    "方法:采用问卷调查法和访谈法收集资料。"
    "结果:观察组评分显著高于对照组(P<0.05)。"
)


class Screen:
    """A person at a terminal with litrev in it."""

    def __init__(
        self,
        folder: Path,
        *words: str,
        columns: int = 80,
        rows: int = 24,
        environ: dict[str, str] | None = None,
    ) -> None:
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "LITREV_USER": "anna",
            **(environ or {}),
        }
        script = "import sys; from litrev.cli.main import main; sys.exit(main())"
        self.child = pexpect.spawn(
            sys.executable,
            ["-c", script, *words],
            dimensions=(rows, columns),
            env=environment,
            cwd=str(folder),
            timeout=30,
        )
        self.emulator = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.emulator)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.emulator.display)

    def until(self, told: str) -> str:
        """The screen once it shows ``told``."""
        return self.when(lambda: told in self.text, told)

    def when(self, holds: Callable[[], bool], what: str) -> str:
        """The screen once something holds and no more is being drawn."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                self.stream.feed(self.child.read_nonblocking(65536, 0.15))
            except pexpect.TIMEOUT:
                if holds():
                    return self.text
            except pexpect.EOF:
                break
        assert holds(), f"{what!r} did not come:\n{self.text}"
        return self.text

    @property
    def asked(self) -> str:
        """The heading of the field that is asked for."""
        return next(
            (line[2:20].strip() for line in self.text.splitlines() if line.startswith("▸")), ""
        )

    def reach(self, heading: str) -> None:
        """Skip until a field is asked for."""
        for _ in range(20):
            if self.asked == heading:
                return
            before = self.text
            self.press("s")
            self.when(lambda before=before: self.text != before, "another question")  # type: ignore[misc]
        raise AssertionError(f"{heading} is not asked for:\n{self.text}")

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def end(self, keys: str = "q") -> int:
        self.press(keys)
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -1)


@pytest.fixture
def library(cli: CommandLine) -> Path:
    cli.ok("add", "-", "--key", "handover", stdin=ABSTRACT)
    cli.ok("add", "-", "--key", "nursing", stdin=CHINESE)
    return cli.folder


def states(
    folder: Path, key: str = "handover", field: str = "methods"
) -> list[tuple[str, ItemState]]:
    with litrev.open(folder) as review:
        cell = review.cells(review.resolve(key))[field]
        return [(item.value.text, item.state) for item in cell.items]


def undecided(folder: Path, key: str = "handover") -> int:
    with litrev.open(folder) as review:
        return sum(
            item.state is ItemState.PROPOSED
            for cell in review.cells(review.resolve(key)).values()
            for item in cell.items
        )


def test_a_key_for_each_answer_and_all_is_saved_as_one_goes(library: Path) -> None:
    before = undecided(library)
    screen = Screen(library, "review", "handover")
    screen.until(f"{before} undecided")
    screen.press("a")
    screen.until(f"{before - 1} undecided")
    assert undecided(library) == before - 1, "saved before the review has ended"
    screen.press("r")
    screen.until(f"{before - 2} undecided")
    screen.press("u")
    screen.until(f"{before - 1} undecided")
    screen.press("u")
    screen.until(f"{before} undecided")
    screen.press("u")
    screen.until("no answer of this review")
    assert screen.end() == 0
    assert undecided(library) == before


def test_a_review_goes_on_where_it_stopped(library: Path) -> None:
    screen = Screen(library, "review")
    screen.until("1/2 handover")
    screen.press("A")
    screen.until("0 undecided")
    assert screen.end() == 0
    again = Screen(library, "review")
    again.until("2/2 nursing")
    assert again.end() == 0


def test_a_value_is_edited_in_place_and_its_words_are_found(library: Path) -> None:
    screen = Screen(library, "review", "handover")
    screen.until("undecided")
    screen.reach("Methods")
    before = [text for text, _ in states(library)]
    screen.press("e")
    screen.until("Methods: ")
    screen.press("\x15content analysis and a focus group\r")
    screen.when(
        lambda: (
            "content analysis and a focus group" in screen.text and "Methods: " not in screen.text
        ),
        "the edit",
    )
    assert screen.end() == 0
    after = dict(states(library))
    assert after["content analysis and a focus group"] is ItemState.DECIDED
    assert len(after) == len(before)


def test_an_empty_field_is_filled_by_one_key_or_said_to_be_not_reported(library: Path) -> None:
    screen = Screen(library, "review", "handover")
    screen.until("undecided")
    screen.press("A")
    screen.until("0 undecided")
    screen.when(lambda: "searched, nothing found" in screen.text, "an empty field")
    field = screen.asked.casefold().replace(" ", "_")
    screen.press("n")
    screen.until("—")
    with litrev.open(library) as review:
        assert review.cells(review.resolve("handover"))[field].state is CellState.NOT_REPORTED
    screen.press("u")
    screen.until("taken back")
    for _ in range(9):
        if "does one of these say it?" in screen.text:
            break
        before = screen.asked
        screen.press("s")
        screen.when(lambda before=before: screen.asked != before, "the next empty field")  # type: ignore[misc]
    screen.until("does one of these say it?")
    heading = screen.asked
    screen.press("1")
    screen.when(lambda: f"▸ {heading}" not in screen.text, "the next question")
    assert screen.end() == 0
    with litrev.open(library) as review:
        cells = review.cells(review.resolve("handover"))
        name = next(f.name for f in review.library.codebook().fields if f.heading == heading)
        (item,) = [item for item in cells[name].items if item.value.maker == "person:anna"]
        (evidence,) = item.value.evidence
        assert ABSTRACT[evidence.start : evidence.end] == evidence.quote


def test_a_value_is_added_by_the_number_of_a_sentence_or_by_typing(library: Path) -> None:
    screen = Screen(library, "review", "nursing")
    screen.until("undecided")
    heading = screen.asked
    screen.press("+")
    screen.until("[2]")
    screen.press("2\r")
    screen.until("采用问卷调查法和访谈法收集资料")
    assert screen.end() == 0
    with litrev.open(library) as review:
        name = next(f.name for f in review.library.codebook().fields if f.heading == heading)
        added = [
            i.value
            for i in review.cells(review.resolve("nursing"))[name].items
            if i.value.maker == "person:anna"
        ]
        assert [CHINESE[e.start : e.end] for value in added for e in value.evidence] == [
            "采用问卷调查法和访谈法收集资料。"
        ]


@pytest.mark.parametrize("key", ["²", "①", "é"])
def test_what_looks_like_a_number_is_not_a_key(library: Path, key: str) -> None:
    screen = Screen(library, "review", "nursing")
    screen.until("undecided")
    screen.press(key)
    screen.until(f"{key} is not a key here")
    assert screen.end() == 0


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("colour", [True, False])
def test_the_screen_fits_and_shows_the_evidence_with_colour_and_without(
    library: Path, columns: int, colour: bool
) -> None:
    screen = Screen(
        library, "review", "nursing", columns=columns, environ={} if colour else {"NO_COLOR": "1"}
    )
    text = screen.until("undecided")
    assert "目的:探讨护理干预" in text.replace(">>", "")
    assert (">>" in text) is not colour
    styles = {screen.emulator.buffer[y][x].fg for y in range(24) for x in range(columns)}
    assert (styles != {"default"}) is colour
    assert "help" in text
    assert screen.end() == 0


def test_a_screen_that_grows_is_drawn_anew_and_one_too_small_says_so(library: Path) -> None:
    screen = Screen(library, "review", "handover", columns=30, rows=8)
    screen.until("too small")
    screen.emulator.resize(24, 100)
    screen.child.setwinsize(24, 100)
    screen.until("undecided")
    assert screen.end() == 0


def test_help_and_unknown_keys(library: Path) -> None:
    screen = Screen(library, "review", "handover")
    screen.until("undecided")
    screen.press("z")
    screen.until("is not a key here")
    screen.press("?")
    screen.until("Any key goes back.")
    screen.press("x")
    screen.until("undecided")
    assert screen.end("\x03") == 0  # an interrupt is a way to quit: all is saved


def test_what_is_typed_and_then_left_changes_nothing(library: Path) -> None:
    before = states(library, field="research_object")
    screen = Screen(library, "review", "handover")
    screen.until("undecided")
    screen.press("e")
    screen.when(
        lambda: (
            "\n" in screen.text
            and screen.text.splitlines()[-1].endswith(
                tuple("abcdefghijklmnopqrstuvwxyz%0123456789")
            )
        ),
        "the prompt",
    )
    screen.press("\x03")
    screen.until("accept")
    assert screen.end() == 0
    assert states(library, field="research_object") == before


def test_two_persons_are_kept_apart_and_their_disagreement_is_marked(
    cli: CommandLine, library: Path
) -> None:
    first = Screen(library, "review", "handover", "--as", "anna")
    first.until("undecided")
    asked = first.asked
    first.press("a")
    first.end()
    second = Screen(library, "review", "handover", "--as", "bert")
    second.until(f"▸ {asked}")  # what anna has said is not told
    second.press("r")
    second.end()
    name = asked.casefold().replace(" ", "_")
    assert "≠" in cli.ok("table", "handover", "-c", f"key,{name}").out
    assert {"anna", "bert"} <= {row.split("\t")[2] for row in cli.ok("log", "handover").lines}


def test_elsewhere_than_in_a_terminal_it_says_what_to_use(cli: CommandLine, library: Path) -> None:
    outcome = cli("review")
    assert outcome.status == 2
    assert "litrev accept" in outcome.err


def test_escapes_in_an_abstract_do_not_reach_the_terminal(cli: CommandLine) -> None:
    cli.ok(
        "add",
        "-",
        "--key",
        "evil",
        stdin="This study examines trust\x1b]0;owned\x07 in nurses. "
        "\u202eevil\u202c We used interviews.",
    )
    screen = Screen(cli.folder, "review", "evil")
    screen.until("undecided")
    assert screen.emulator.title == ""
    assert "\u202e" not in screen.text
    assert screen.end() == 0
