"""BibTeX: expressions, LaTeX, names, blocks, and what a file of it becomes."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litrev.library.bibtex.expression import BadExpression, Piece, evaluate, parse_expression
from litrev.library.bibtex.latex import decode, encode, encode_verbatim
from litrev.library.bibtex.names import Name, parse_names
from litrev.library.bibtex.splitter import split
from litrev.library.bibtex.writer import write_entry
from litrev.library.formats.bibtex import read
from litrev.library.model.encoding import Undecodable
from litrev.library.model.encoding import decode as decode_bytes
from litrev.library.model.record import Field
from tests.conftest import CommandLine


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("{A {B} c}", "A {B} c"),
        ('"A {"} c"', 'A {"} c'),
        ("1999", "1999"),
        ('jan # " 3" # {x}', "January 3x"),
        ("unknown", "unknown"),
        ("2nd", "2nd"),
        ("{a \\} b}", "a \\"),
    ],
)
def test_an_expression_is_evaluated_as_bibtex_does(raw: str, text: str) -> None:
    if raw == "{a \\} b}":  # BibTeX counts a brace with a backslash before it too
        with pytest.raises(BadExpression):
            parse_expression(raw)
        return
    assert evaluate(parse_expression(raw), {"jan": "January"}) == text


@pytest.mark.parametrize(
    "raw", ["", "{a", '"a', "{a} {b}", "{a}\n year={2000}", "# {a}", "{a} #", "a b"]
)
def test_what_is_no_expression_is_not_taken_for_one(raw: str) -> None:
    with pytest.raises(BadExpression):
        parse_expression(raw)


def test_pieces_know_macros_from_text() -> None:
    assert parse_expression('jcp # " X"') == (Piece("jcp", macro=True), Piece(" X"))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"{\"o} \v{C} \c c \'{\i} \aa", "ö Č ç í å"),
        (r"G{\"o}del's \emph{proof}---50\%", "Gödel's proof—50%"),
        (r"\enquote{a {b} c}", "“a b c”"),
        (r"$a_b^2$ and \foo{bar} \baz", r"$a_b^2$ and \foo{bar} \baz"),
        ("one\n   two\n\n  three", "one two\n\nthree"),
        (r"http://a/b%20c", "http://a/b%20c"),
        (r"C:\dir", r"C:\dir"),
        ("a~b", "a\u00a0b"),
        ("{Unclosed } brace}", "Unclosed  brace}"),
    ],
)
def test_latex_becomes_the_text_it_stands_for(source: str, text: str) -> None:
    assert decode(source) == text


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp"))).map(str.strip))
def test_any_text_comes_back_from_latex(text: str) -> None:
    assert decode(encode(text)) == text


@given(st.text(st.sampled_from('ab{}\\"#,=@% \n')))
def test_what_is_encoded_is_one_value_to_bibtex(text: str) -> None:
    (piece,) = parse_expression("{" + encode(text) + "}")
    assert not piece.macro
    parse_expression("{" + encode_verbatim(text.replace("\\", "/")) + "}")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Knuth, Donald E. and Ludwig van Beethoven",
            [Name("Knuth", "Donald E."), Name("Beethoven", "Ludwig", "van")],
        ),
        ("van der Waals, Jr, Johannes", [Name("Waals", "Johannes", "van der", "Jr")]),
        (
            "{Barnes and Noble} and others",
            [Name("Barnes and Noble", body=True), Name("", others=True)],
        ),
        ("唐力;刘启钢;孙文桥", [Name("唐", "力"), Name("刘", "启钢"), Name("孙", "文桥")]),
        ("欧阳小雨", [Name("欧阳", "小雨")]),
        ("张, 三", [Name("张", "三")]),
        ("family=Harman, given=Hans", [Name("Harman", "Hans")]),
        ("A and\nB", [Name("A"), Name("B")]),
        ("a, b, c, d, e", [Name("a", "c d e", "", "b")]),
    ],
)
def test_names_are_split_into_their_parts(text: str, names: list[Name]) -> None:
    assert list(parse_names(text)) == names


@given(st.text(st.sampled_from('@{}(),="#%\n aeiou\\123')))
def test_the_blocks_of_any_text_are_the_text(text: str) -> None:
    blocks = split(text)
    assert "".join(block.raw for block in blocks) == text
    line = 1
    for block in blocks:
        assert block.line == line
        line += block.raw.count("\n")


@pytest.mark.parametrize(
    ("source", "fields", "doubt"),
    [
        (
            "@misc{k, title={T}\n year={2000}}",
            {"title": "T", "year": "2000"},
            "a comma is missing before year",
        ),
        ("@misc{k,\n % year = 1,\n title={T}}", {"title": "T"}, ""),
        ("@article\n{k, title={T}}", {"title": "T"}, ""),
        ("@misc{k title={T}}", {"title": "T"}, "a comma is missing after the key k"),
        ("@abnt-options{k, title={T}}", {"title": "T"}, ""),
        ("@misc{k, file = {C:\\dir\\}, title={T}}", {"file": "C:\\dir\\", "title": "T"}, ""),
        ("@misc{k, title={a \\} b}}", {"title": "a } b"}, "braces behind a backslash"),
        ("@misc{k, title={T}\n@misc{l, title={U}}", {"title": "T"}, "the closing brace is missing"),
        (
            "@misc{k, note={\n@override (x)\n}, title={T}}",
            {"note": "@override (x)", "title": "T"},
            "",
        ),
        ("@misc{title={T}}", {"title": "T"}, "the entry has no key"),
    ],
)
def test_what_other_programs_stumble_over_is_read(
    source: str, fields: dict[str, str], doubt: str
) -> None:
    reading = read(decode_bytes(source.encode(), "x.bib"))
    assert {field.name: field.value for field in reading.works[0].fields} == fields
    assert not any(problem.unreadable for problem in reading.problems)
    assert [problem.reason for problem in reading.problems if doubt in problem.reason] or not doubt
    assert bool(reading.problems) == bool(doubt)


@pytest.mark.parametrize(
    "source",
    [
        "@misc{k, title={T, year={2000}}\n\n@misc{next, title={N}}",
        "@misck, title={T}}\n\n@misc{next, title={N}}",
        "@misc{k, title={T}}, year={2000}}\n\n@misc{next, title={N}}",
        "@misc{k, ti tle={T}}\n\n@misc{next, title={N}}",
        "@misc{k, title={T}, year = }\n\n@misc{next, title={N}}",
    ],
)
def test_a_broken_entry_is_set_aside_whole_and_harms_no_other(source: str) -> None:
    reading = read(decode_bytes(source.encode(), "x.bib"))
    assert [work.key for work in reading.works] == ["next"]
    assert (
        "".join(problem.raw for problem in reading.problems).strip()
        == source[: source.index("@misc{next")].strip()
    )


def test_commentary_is_an_entry_and_comment_is_none() -> None:
    reading = read(
        decode_bytes(b"@commentary{c, title={T}}\n@comment{@misc{no, title={N}}}", "x.bib")
    )
    assert [(work.entry_type, work.key) for work in reading.works] == [("commentary", "c")]


def test_one_broken_entry_never_harms_its_neighbours() -> None:
    text = "@misc{a, title={A}}\n@misc{b, title={B\n@misc{c, title={C}}\n"
    reading = read(decode_bytes(text.encode(), "x.bib"))
    assert [work.key for work in reading.works] == ["a", "c"]
    assert [problem.line for problem in reading.problems] == [2]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["title", "note", "publisher", "url"]),
            st.text(
                st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Zs", "Cf"))
            ),
        ),
        unique_by=lambda pair: pair[0],
        max_size=4,
    )
)
def test_a_written_entry_is_read_back_the_same(pairs: list[tuple[str, str]]) -> None:
    fields = [
        Field(name, text.replace("{", "").replace("}", "") if name == "url" else text)
        for name, text in pairs
    ]
    reading = read(decode_bytes(write_entry("misc", "k", fields).encode(), "x.bib"))
    (work,) = reading.works
    assert [(field.name, field.value) for field in work.fields] == [
        (field.name, field.value) for field in fields
    ]


def test_an_exported_abstract_and_decided_values_are_fields_of_the_entry(cli: CommandLine) -> None:
    cli.ok(
        "add",
        "-",
        "--key",
        "k",
        stdin="| This paper takes 50% {of} trust as the research object. |",
    )
    cli.ok("set", "k", "methods=interview; survey", "title=A & B")
    out = cli.ok("export", "-f", "bibtex").out
    assert r"title = {A \& B}," in out
    trust = r"50\% \textbraceleft{}of\textbraceright{} trust"
    assert f"abstract = {{| This paper takes {trust} as the research object. |}}," in out
    assert "methods = {interview; survey}," in out
    assert "research_object" not in out
    assert "litrev-research-object = " in cli.ok("export", "-f", "bibtex", "--proposed").out
    assert "methods" not in cli.ok("export", "-f", "bibtex", "--no-structured").out


def test_what_bibtex_cannot_hold_is_named(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin="This paper takes trust as the research object.")
    cli.ok("tag", "k", "+a")
    err = cli.ok("export", "-f", "bibtex").err
    assert "1 proposed values" in err
    assert "1 tags" in err


def test_every_real_file_opens_and_every_block_is_kept(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    """On the real files: nothing raises, and the blocks of each are its text."""
    opened = 0
    with tarfile.open(shared("bibtex/torture.tar.gz")) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member) if member.isfile() else None
            if file is None or member.size > 60_000 or opened > 300:
                continue
            try:
                text = decode_bytes(file.read(), member.name)
            except Undecodable:
                continue
            reading = read(text)
            assert "".join(block.raw for block in reading.blocks) == text.text, member.name
            opened += 1
    assert opened > 250


def test_json_shows_decoded_values(cli: CommandLine) -> None:
    cli.write(
        "a.bib",
        '@article{k, author={M{\\"u}ller, Ute}, title={A {B}}, url={http://x/a_b%20c}, year=2020}',
    )
    cli.ok("add", "a.bib")
    metadata = json.loads(cli.ok("show", "k", "--json").out)["metadata"]
    assert metadata == {
        "author": "Müller, Ute",
        "title": "A B",
        "url": "http://x/a_b%20c",
        "year": "2020",
    }
