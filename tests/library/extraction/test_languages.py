"""Cue files: another language by data alone, and what a bad one says."""

from __future__ import annotations

from pathlib import Path

import pytest

import litrev
from tests.conftest import CommandLine

POLISH = """
words = true
common = ["w", "i", "na", "z", "do", "jest", "się", "oraz", "przez"]
articles = []
conjunctions = ["i", "oraz"]
function_words = ["w", "i", "na", "z", "do", "jest", "oraz", "przez"]

[labels]
method = ["Metody"]
result = ["Wyniki"]

[roles]
objective = ["celem [pracy/badania] jest", "[praca/artykuł] dotyczy"]
method = ["[przeprowadzono/zastosowano]"]
result = ["[stwierdzono/wykazano], że"]

[research_object]
explicit = ["przedmiotem [badania/pracy] jest {}"]
aim = ["celem pracy jest analiza {}"]
stops = [","]

[chapters]
ordinals = ["pierwszy", "drugi", "trzeci"]
units = ["rozdział"]

[findings]
list = ["[stwierdzono/wykazano], że"]
"""

ABSTRACT = (
    "Przedmiotem pracy jest ruch rowerowy w Krakowie. Przeprowadzono wywiady z mieszkańcami. "
    "Pierwszy rozdział opisuje historię. "
    "Drugi rozdział opisuje sieć dróg. "
    "Stwierdzono, że liczba wypadków jest mniejsza na nowych drogach."
)


@pytest.fixture
def languages(bare: CommandLine) -> Path:
    folder = Path(bare.environ["LITREV_CONFIG"]).parent / "languages"
    folder.mkdir()
    return folder


def test_a_third_language_is_a_file(bare: CommandLine, languages: Path) -> None:
    (languages / "pl.toml").write_text(POLISH, "utf-8")
    bare.ok("init")
    bare.ok("add", "-", "--key", "rower", stdin=ABSTRACT)
    _, row = (
        line.split("\t")
        for line in bare.ok("table", "-c", "key,research_object,chapters,findings").lines
    )
    assert row[1] == "ruch rowerowy w Krakowie ?"
    assert row[2] == "Pierwszy rozdział opisuje historię ?; Drugi rozdział opisuje sieć dróg ?"
    assert "liczba wypadków jest mniejsza na nowych drogach" in row[3]


def test_a_language_of_the_same_name_replaces_ours(bare: CommandLine, languages: Path) -> None:
    (languages / "en.toml").write_text(
        'words = true\ncommon = ["the", "of"]\n[research_object]\nexplicit = ["behold {}"]\n',
        "utf-8",
    )
    bare.ok("init")
    bare.ok("add", "-", "--key", "a", stdin="The end of the world. Behold the ships of the line.")
    assert "ships of the line" in bare.ok("table", "-c", "key,research_object").out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("words = true\n", "xx.toml: it needs words"),
        ('common = ["a"]\nwords = true\n[roles\n', "xx.toml:3: "),
        (
            'words = true\ncommon = ["a"]\n[roles]\nmethod = "x"\n',
            "xx.toml: method in [roles] is not a list",
        ),
        ('words = true\ncommon = ["a"]\n[roles]\nmethod = ["[a/b"]\n', "xx.toml: the cue '[a/b'"),
        (b"\xff\xfe", "xx.toml: "),
    ],
)
def test_a_bad_language_file_is_named(
    bare: CommandLine, languages: Path, text: str | bytes, told: str
) -> None:
    (languages / "xx.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    bare.ok("init")
    outcome = bare("add", "-", "--key", "a", stdin="This study examines ships.")
    assert outcome.status == 2
    assert told in outcome.err
    (languages / "xx.toml").unlink()
    bare.ok("add", "-", "--key", "a", stdin="This study examines ships.")


def test_a_language_belongs_to_the_library_it_was_opened_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one process: what one user's config adds is not there for a library of another."""
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
    (tmp_path / "with" / "languages").mkdir()
    (tmp_path / "with" / "languages" / "pl.toml").write_text(POLISH, "utf-8")
    found = {}
    for name in ("with", "without"):
        monkeypatch.setenv("LITREV_CONFIG", str(tmp_path / name / "config.toml"))
        with litrev.init(tmp_path / name / "library") as review:
            review.add_text(ABSTRACT)
            cells = review.cells(review.records()[0].key)
            found[name] = [item.value.text for item in cells["research_object"].items]
    assert found["with"] == ["ruch rowerowy w Krakowie"]
    assert found["with"] != found["without"]


def test_a_list_of_methods_beside_the_languages_is_no_language(
    bare: CommandLine, languages: Path
) -> None:
    (languages / "methods.toml").write_text('[methods]\nphotovoice = ["photo voice"]\n', "utf-8")
    bare.ok("init")
    bare.ok("add", "-", "--key", "a", stdin="This study examines ships.")
