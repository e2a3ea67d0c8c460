"""Structured fields: sentences, roles, spans; and how good they are on real abstracts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import litrev
from litrev.library.extraction.cues import compile_cues, slot
from litrev.library.extraction.lexicon import lexicon_for, lexicons
from litrev.library.extraction.pipeline import LONGEST_TEXT, extract, read
from litrev.library.extraction.sentences import split_sentences
from tests.conftest import ROOT, CommandLine


def values(text: str, field: str) -> list[str]:
    return [text[p.start : p.end] for p in extract(text) if p.field == field]


def sentences(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text, lexicon_for(text))]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("| The experience.Entered the new era. |", ["The experience.", "Entered the new era."]),
        ("It leads,etc.Thesis in the end.", ["It leads,etc.", "Thesis in the end."]),
        (
            "The 19 th National Congress met. It ended.",
            ["The 19 th National Congress met.", "It ended."],
        ),
        ("They are:1.In general a.2.Then b.", ["They are:1.In general a.", "2.Then b."]),
        ("A rate of 3.5 was found.No.1 is first.", ["A rate of 3.5 was found.", "No.1 is first."]),
        ("See e.g. this, and i.e. that.", ["See e.g. this, and i.e. that."]),
        ("本文研究社区。采用访谈法！结果如何？", ["本文研究社区。", "采用访谈法！", "结果如何？"]),
        ("目的:研究社区.方法:访谈.", ["目的:研究社区.", "方法:访谈."]),
        ("He said “no.” Then left.", ["He said “no.”", "Then left."]),
        ("Purpose\nTo study trust.", ["Purpose", "To study trust."]),
    ],
)
def test_sentences_are_found_whatever_the_state_of_the_text(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text(st.sampled_from('aB .。!?\n|;:1I"“”)社区etc'), max_size=80))
def test_sentences_are_stretches_of_the_text_in_order(text: str) -> None:
    at = 0
    for sentence in split_sentences(text, lexicon_for(text)):
        assert sentence.start >= at
        assert text[sentence.start : sentence.end] == sentence.text
        assert not sentence.text[0].isspace()
        at = sentence.end


def test_chapters_are_numbered_whatever_the_style() -> None:
    text = (
        "It has three parts.The first chapter defines trust;"
        "Chapter II measures it;Chapter three tests it.Chapter IV ends."
    )
    found = [(p.number, text[p.start : p.end]) for p in extract(text) if p.field == "chapters"]
    assert found == [
        (1, "The first chapter defines trust"),
        (2, "Chapter II measures it"),
        (3, "Chapter three tests it"),
        (4, "Chapter IV ends"),
    ]


def test_methods_carry_the_label_of_the_vocabulary() -> None:
    text = "本文以Q镇小学为研究对象，采用文献研究法、问卷调查法和访谈法。"
    labels = {p.label for p in extract(text) if p.field == "methods"}
    assert labels == {"literature research", "questionnaire survey", "interview"}
    assert values(text, "research_object") == ["Q镇小学"]


def test_labels_of_a_structured_abstract_override_cues() -> None:
    text = (
        "Purpose: To examine trust in nurses. Methods: We used interviews. Results: Trust was low. "
    )
    text += "Conclusions: Nurses who were trained had more trust than others."
    assert values(text, "research_object") == ["trust in nurses"]
    assert values(text, "methods") == ["interviews"]
    assert values(text, "findings") == [
        "Trust was low",
        "Nurses who were trained had more trust than others",
    ]


def test_enumerations_become_items_and_quotes_stay_whole() -> None:
    text = (
        "This paper studies village libraries. "
        'It is found that there are problems such as the lack of "a, b and c" staff,'
        "the low pay,and the poor rooms."
    )
    assert values(text, "problems") == ['lack of "a, b and c" staff', "low pay", "poor rooms"]


def test_nothing_before_the_study_is_a_finding() -> None:
    assert (
        values("It is found that the world is round. This paper studies ships.", "findings") == []
    )


@given(st.text(max_size=300))
def test_every_proposal_is_words_of_the_text(text: str) -> None:
    for proposal in extract(text):
        words = text[proposal.start : proposal.end]
        assert words
        assert words == words.strip()
        assert 0 < proposal.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|",
        "Word",
        "مرحبا بالعالم هذا ملخص",
        "\ue000\u200f😀" * 50,
        "ALL HEADINGS\nMORE HEADINGS\n",
    ],
)
def test_odd_texts_give_no_error(text: str) -> None:
    extract(text)


@pytest.mark.parametrize(
    "text",
    [
        "a " * 200_000,
        "the method of " * 20_000,
        "，" * 100_000,
        "The first chapter " * 10_000,
        "is found that " * 20_000,
        "X" * 500_000,
        "(" * 50_000,
        "1." * 50_000,
    ],
)
def test_texts_made_to_hurt_patterns_are_bounded(text: str) -> None:
    """One that runs away would keep the suite from ending."""
    assert all(proposal.end <= LONGEST_TEXT for proposal in extract(text))


def test_cues_are_plain_words_with_alternatives_options_gaps_and_slots() -> None:
    pattern = compile_cues(["[takes/take] {} as (the) object", "aims ... to {}"], words=True)
    assert pattern
    match = pattern.search("It takes X as object")
    assert match
    assert slot(match) == (9, 10)
    match = pattern.search("it aims in short to win")
    assert match
    assert slot(match) is None
    assert not pattern.search("mistakes X as object")
    with pytest.raises(ValueError, match="lacks"):
        compile_cues(["[a/b"], words=True)


def test_every_lexicon_has_the_same_sections() -> None:
    first, *others = lexicons()
    for other in others:
        assert other.table.keys() >= {"words", "common", "labels", "roles", "chapters", "methods"}
        assert first.table["roles"].keys() == other.table["roles"].keys()


def score(
    shared: Callable[[str], Path], tmp_path: Path, files: list[Path]
) -> dict[str, dict[str, float]]:
    """The scorer's figures for the extractor on annotated abstracts."""
    gold = tmp_path / "gold"
    gold.mkdir()
    lines = []
    for file in files:
        (gold / file.name).symlink_to(file)
        text = json.loads(file.read_text("utf-8"))["text"]
        for p in extract(text):
            words = text[p.start : p.end]
            common = {"id": file.stem, "start": p.start, "end": p.end, "confidence": p.confidence}
            lines.append(
                {
                    **common,
                    "field": p.field,
                    "value": p.label or (words.lower() if p.field == "methods" else words),
                    "text": words,
                    "number": p.number,
                }
            )
        lines += [
            {
                "id": file.stem,
                "start": s.sentence.start,
                "end": s.end,
                "confidence": 0.5,
                "field": "sentence",
                "value": s.role,
            }
            for s in read(text)[1]
        ]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    command = [
        sys.executable,
        str(shared("extraction/score.py")),
        str(tmp_path / "p.jsonl"),
        str(gold),
        "--json",
        str(tmp_path / "out.json"),
    ]
    subprocess.run(command, check=True, capture_output=True, env=dict(os.environ))
    figures: dict[str, dict[str, float]] = json.loads((tmp_path / "out.json").read_text())
    return figures


def test_the_five_real_abstracts_score_as_promised(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    figures = score(shared, tmp_path, sorted(shared("extraction/gold").glob("*.json")))
    assert float(figures["macro_span_F1"]) >= 0.9  # type: ignore[arg-type]  # a number among tables
    assert figures["sentences"]["boundary"][2] >= 0.99  # type: ignore[index]


@pytest.mark.slow
def test_the_open_part_of_the_development_set_scores_as_promised(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = shared("extraction/dev")
    rows = [line.split("\t") for line in (folder / "SPLIT.tsv").read_text().splitlines()[1:]]
    figures = score(
        shared, tmp_path, [folder / f"{row[0]}.json" for row in rows if row[3] == "open"]
    )
    assert figures["micro_span"]["F1"] >= 0.85


def test_the_extractor_is_offline_and_needs_no_third_party_package() -> None:
    code = (
        "import sys, litrev.library.extraction.pipeline as p; p.extract('We used interviews.');"
        "print([m for m in sys.modules if m.split('.')[0] in "
        "{'socket', 'ssl', 'numpy', 'rich', 'click', 'whoosh'}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


AWKWARD = {
    "one word": "Trust",
    "no words": "12 345 -- ** ::",
    "all headings": "Purpose\nMethods\nResults\nConclusion\n",
    "private use": "This study examines \ue000\uf8ff trust\ue123. We used interviews.",
    "right to left": "This study examines \u200ftrust\u202e in nurses\u202c. We used interviews.",
    "emoji": "This study examines 👩‍⚕️ trust 🇨🇳. We used 📝 interviews.",
    "no cues": "Въпросът е стар и отговорът е нов. Хората говорят за това.",
    "capital that grows": "This study examines İİİ trust. We used İnterviews and interviews.",
    "one long word": "a" * 50_000,
    "no full stop": "the study examines trust and we used interviews " * 2_000,
    "commas": "This study examines a" + ", and b" * 20_000,
    "and": "We used " + "interviews and " * 20_000,
    "semicolons": "It is found that " + "a is b;" * 20_000,
    "brackets": "This study examines " + "(" * 30_000 + ")" * 30_000,
    "quotes": 'This study examines "' + "“" * 30_000,
    "stops": "." * 60_000,
    "chinese stops": "本文研究" + "的" * 40_000 + "。",
    "problem": "problem are " * 15_000,
    "第": "第一章" * 20_000,
    "is": "that is a problem " * 10_000,
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_text_is_searched_too_and_in_bounds(name: str) -> None:
    text = AWKWARD[name]
    found = extract(text)
    assert all(text[p.start : p.end].strip() for p in found)
    assert len(found) < 2_000


@pytest.mark.slow
def test_only_so_much_of_a_text_is_searched() -> None:
    text = "This study examines trust in nurses. " + "Nothing is said here. " * (LONGEST_TEXT // 10)
    assert values(text, "research_object") == ["trust in nurses"]
    assert max(p.end for p in extract(text)) <= LONGEST_TEXT


@pytest.mark.slow
def test_several_processes_find_what_one_finds_and_go_on_where_they_stopped(
    cli: CommandLine,
) -> None:
    topics = [f"trust of group {n} in ward {n}" for n in range(340)]
    text = "\n---\n".join(
        f"This study examines {topic}. We used interviews. It is found that {topic} grew."
        for topic in topics
    )
    cli.ok("add", "-", "--no-extract", stdin=text)
    with litrev.open(cli.folder) as review:
        alone = review.extract(review.select("")[:5])
        assert alone == (5, 5)
        before = [
            review.table(columns=["research_object", "methods", "findings"]).rows[n].cells
            for n in range(5)
        ]
        assert review.extract(workers=2) == (335, 335)
        assert review.extract(workers=2) == (0, 0)
        assert review.extract(review.select(""), workers=2) == (340, 0), (
            "the same words are the same values"
        )
        assert [
            review.table(columns=["research_object", "methods", "findings"]).rows[n].cells
            for n in range(5)
        ] == before
        objects = {
            row.cells[0].items[0].text for row in review.table(columns=["research_object"]).rows
        }
    assert len(objects) == 340
