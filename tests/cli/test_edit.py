"""A record in an editor: what was changed is taken, what others did meanwhile stays, and no text is
lost.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import litrev
from tests.conftest import NURSES, CommandLine


def replacing(old: str, new: str) -> str:
    """An editor, as a Python script: it replaces a text that must be there by another."""
    return (
        "import sys; p = sys.argv[1]; t = open(p).read()\n"
        f"assert {old!r} in t, t\n"
        f"open(p, 'w').write(t.replace({old!r}, {new!r}))"
    )


def test_what_was_edited_can_be_edited_again_replaced_and_rejected(
    k: CommandLine, tmp_path: Path
) -> None:
    script = tmp_path / "e.py"
    k.environ["EDITOR"] = f"{sys.executable} {script}"

    def edit(old: str, new: str, user: str = "ann") -> None:
        script.write_text(replacing(old, new))
        k.ok("edit", "k", user=user)

    edit("[ ] semi-structured interviews", "[x] long talks")
    assert k.values("methods") == [("long talks", "decided")]
    edit("[x] long talks", "[x] short talks")
    assert k.values("methods") == [("short talks", "decided")]
    k.ok("set", "k", "methods=survey", user="ann")
    assert k.values("methods") == [("survey", "decided")]
    k.ok("set", "k", "--not-reported", "methods", user="ann")
    assert k.values("methods") == []


def test_an_editor_leaves_alone_what_others_did_meanwhile(k: CommandLine, tmp_path: Path) -> None:
    script = tmp_path / "e.py"
    k.environ["EDITOR"] = f"{sys.executable} {script}"
    script.write_text(
        "import os, subprocess, sys; p = sys.argv[1]; t = open(p).read()\n"
        "environ = {**os.environ, 'LITREV_USER': 'bob'}\n"
        "def run(*words):\n"
        "    command = [sys.executable, '-m', 'litrev', '-q', *words]\n"
        "    subprocess.run(command, check=True, env=environ)\n"
        "run('tag', 'k', '+bobs')\n"
        "run('set', 'k', 'methods+=bobs survey', 'theory=bobs theory', 'year=1999')\n"
        "open(p, 'w').write(t.replace('tags = ', 'tags = anns'))"
    )
    k.environ["PYTHONPATH"] = str(Path(litrev.__file__).parent.parent)
    here = Path.cwd()
    os.chdir(k.folder)
    try:
        k.ok("edit", "k", user="ann")
    finally:
        os.chdir(here)
    assert k.record("k")["tags"] == ["anns", "bobs"]
    assert ("bobs theory", "decided") in k.values("theory")
    assert ("bobs survey", "decided") in k.values("methods")


def test_an_edit_that_changes_nothing_changes_nothing(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin=NURSES.replace(". ", ".\r\n"))
    cli.environ["EDITOR"] = "true"
    before = cli.ok("export", "-f", "ndjson").out
    assert "nothing was changed" in cli.ok("edit", "k").err
    assert cli.ok("export", "-f", "ndjson").out == before


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00\x00garbage\x81", b"\xef\xbb\xbfno equals sign\n"]
)
def test_whatever_the_editor_leaves_is_kept(k: CommandLine, tmp_path: Path, content: bytes) -> None:
    script = tmp_path / "e.py"
    script.write_text(f"import sys; open(sys.argv[1], 'wb').write({content!r})")
    k.environ["EDITOR"] = f"{sys.executable} {script}"
    done = k("edit", "k")
    assert done.status == 2
    kept = Path(done.err.split("Your text is kept in ")[1].strip())
    assert kept.read_bytes().removeprefix(b"\xef\xbb\xbf") == content.removeprefix(b"\xef\xbb\xbf")
    kept.unlink()
    k.environ["EDITOR"] = "foo'bar"
    assert k("edit", "k").status == 5


def edit(cli: CommandLine, user: str, **changes: str) -> None:
    """Edit k with an editor that replaces one text by another."""
    script = cli.folder / "editor.py"
    old, new = changes["old"], changes["new"]
    script.write_text(replacing(old, new))
    cli.environ["EDITOR"] = f"{sys.executable} {script}"
    cli.ok("edit", "k", user=user)


def test_an_editor_that_ends_the_file_with_a_line_break_edits_no_abstract(k: CommandLine) -> None:
    edit(k, "ann", old="trust matters a lot.", new="trust matters a lot.\n")
    assert k.record("k")["abstract"] == NURSES


def test_fields_named_like_something_else_can_be_edited(cli: CommandLine) -> None:
    cli.write(
        "a.bib",
        "@article{k, title={[x] marks}, key={ABC}, methods={surveys}, author={A B}, year=2000, "
        "journal={J}}",
    )
    cli.ok("add", "a.bib")
    edit(cli, "ann", old="bib:methods = surveys", new="bib:methods = talks")
    edit(cli, "ann", old="title = [x] marks", new="title = [x] signs")
    metadata = cli.record("k")["metadata"]
    assert (metadata["key"], metadata["methods"], metadata["title"]) == (
        "ABC",
        "talks",
        "[x] signs",
    )
    assert cli.values("methods") == []


def test_a_box_that_is_emptied_takes_the_word_back_and_a_ticked_dispute_is_confirmed(
    k: CommandLine,
) -> None:
    k.ok("accept", "--field", "methods", user="ann")
    edit(k, "ann", old="methods = [x]", new="methods = [ ]")
    assert k.values("methods") == [("semi-structured interviews", "proposed")]
    k.ok("accept", "--field", "methods", user="ann")
    k.ok("set", "k", "methods=", user="bob")
    assert k.values("methods")[0][1] == "disputed"
    edit(k, "bob", old="methods = [≠]", new="methods = [x]")
    assert k.values("methods") == [("semi-structured interviews", "decided")]


def test_deleting_what_another_wrote_keeps_ones_own_word(k: CommandLine) -> None:
    edit(k, "ann", old="methods = [ ] semi-structured interviews", new="methods = [x] AliceWord")
    edit(k, "bob", old="methods = [x] AliceWord", new="methods = [x] BobWord")
    edit(k, "ann", old="methods = [≠] BobWord\n", new="")
    assert "AliceWord" in [text for text, _ in k.values("methods")]
