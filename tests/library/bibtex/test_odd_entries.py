"""BibTeX as people write it, where programs differ: accents, comments, names that could steer a
terminal.
"""

from __future__ import annotations

import pytest

import litrev
from tests.conftest import CommandLine


@pytest.mark.parametrize(
    "title", [r"\'{\em a}", r"\'\relax e", r"Jos\'{\noopsort{x}e}", r"abc\'", r"\~{}user"]
)
def test_odd_accents_are_read(cli: CommandLine, title: str) -> None:
    cli.write("a.bib", f"@misc{{k, title={{{title}}}, author={{A}}, year=2000}}")
    cli.ok("add", "a.bib")
    if title == r"\~{}user":
        assert cli.record("k")["metadata"]["title"] == "~user"


@pytest.mark.parametrize(
    "text", ["% my refs\n@article\n{foo, title={T}}\n", "% x\n@ article{bar,\n title={T}}\n"]
)
def test_an_entry_after_a_comment_line_is_not_passed_over(cli: CommandLine, text: str) -> None:
    cli.write("a.bib", text)
    done = cli("add", "-f", "bibtex", "a.bib")
    assert "read 1" in done.out


def test_the_comments_of_other_programs_are_comments(cli: CommandLine) -> None:
    cli.write(
        "a.bib",
        "@Comment{jabref-meta: databaseType:bibtex;}\n"
        "@misc{k, title={T}, author={A}, year=2000}\n"
        "% Encoding: UTF-8\n",
    )
    assert cli.ok("add", "a.bib").out.startswith("read 1 = added 1")


@pytest.mark.parametrize("entry", ["@misc{k\x1b]0;x\x07, title={T}}", "@misc{k, na\x1bme={T}}"])
def test_names_that_could_steer_a_terminal_go_to_quarantine(cli: CommandLine, entry: str) -> None:
    cli.write("a.bib", entry)
    assert cli("add", "a.bib").status == 3
    assert "\x1b" not in cli.ok("quarantine", terminal=True).out
    assert (
        "\x1b" not in cli.ok("quarantine", "print", cli.ok("quarantine").out[:8], terminal=True).out
    )


def test_what_is_exported_can_be_read_again(k: CommandLine) -> None:
    k.ok("set", "k", "file=C:\\papers\\", "url=http://x/{a", "title=A {B} \\ c")
    k.ok("export", "-o", "o.bib")
    with litrev.init(k.folder / "other") as other:
        assert other.add([k.folder / "o.bib"]).quarantined == 0
        assert other.records()[0].get("title") == "A {B} \\ c"
    for words in (
        ("set", "k", "entrytype=a b{"),
        ("set", "k", "entrytype="),
        ("add", "-", "--type", "x{y"),
        ("add", "-", "-s", "abstract=x"),
        ("set", "k", "key=x"),
    ):
        assert k(*words, stdin="Text.").status == 2
