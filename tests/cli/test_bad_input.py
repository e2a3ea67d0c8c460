"""Bad input: each gets a clear message and a status, and nothing is lost."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import CommandLine

ESCAPES = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \u202eright to left\u202c \x9b31m"
MARKUP = "[/] [red]not red[/red] [see 3] [link=http://x]y[/link] :smile:"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"   \n\n", "no abstract here|empty"),
        (b"|", "no abstract here"),
        (b"| |\n", "no abstract here"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary|cannot be read"),
        (bytes(range(256)) * 10, "binary|cannot be read"),
        (b"caf\x81\x8d", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_quarantined_and_the_others_are_kept(
    cli: CommandLine, content: bytes, reason: str
) -> None:
    cli.write("bad.txt", content)
    cli.write("good.txt", "A good abstract.")
    done = cli("add", "bad.txt", "good.txt")
    assert done.status == 3
    assert "read 2 = added 1 + updated 0 + unchanged 0 + quarantined 1" in done.out
    assert any(part in done.err for part in reason.split("|"))
    assert "bad.txt:1" in cli.ok("quarantine").out
    again = cli("add", "bad.txt", "good.txt")
    assert "read 2 = added 0 + updated 0 + unchanged 1 + quarantined 1" in again.out
    assert len(cli.ok("quarantine").lines) == 1


def test_a_file_that_is_not_there_stops_before_anything_is_done(cli: CommandLine) -> None:
    cli.write("good.txt", "A good abstract.")
    for name, told in (
        ("nothere.txt", "nothere.txt: there is no such file"),
        ("", "an empty file name"),
    ):  # and not the folder one stands in
        done = cli("add", "good.txt", name)
        assert (done.status, told in done.err) == (2, True)
    assert cli("list").status == 1


def test_of_a_folder_the_files_directly_in_it_are_added(cli: CommandLine) -> None:
    folder = cli.folder / "exports"
    (folder / "deeper").mkdir(parents=True)
    for name, text in (
        ("a.txt", "One abstract."),
        ("b.bib", "@misc{b, title={B}, author={A}, year=2000}"),
        ("notes.pdf", "%PDF"),
        (".hidden.txt", "No."),
    ):
        (folder / name).write_text(text)
    (folder / "deeper" / "c.txt").write_text("Not looked at.")
    done = cli.ok("add", "exports")
    assert "read 2 = added 2" in done.out
    assert "exports: passed over files of no known format: notes.pdf" in done.err
    assert "unchanged 2" in cli.ok("add", "exports/").out
    assert [json.loads(line)["key"] for line in cli.ok("list", "--ndjson").lines][1:] == ["b"]
    done = cli("add", "exports/deeper/..", "exports/nothing")
    assert (done.status, "there is no such file" in done.err) == (2, True)


def test_a_folder_without_a_file_that_is_read_says_so_and_the_library_itself_is_no_export(
    cli: CommandLine,
) -> None:
    done = cli("add", ".")
    assert (done.status, "holds no file that litrev reads" in done.err) == (2, True)
    cli.write("a.txt", "One abstract.")
    assert "read 1 = added 1" in cli.ok("add", ".").out


def test_terminal_escapes_are_kept_and_never_reach_a_terminal(cli: CommandLine) -> None:
    cli.ok(
        "add",
        "-",
        "--key",
        "k",
        "-s",
        f"title={ESCAPES}",
        stdin=f"An abstract about trust {ESCAPES}.",
    )
    cli.ok("note", "k", ESCAPES)
    assert cli.record("k")["abstract"] == f"An abstract about trust {ESCAPES}."
    for words in (
        ("show", "k"),
        ("list",),
        ("search", "trust"),
        ("table", "-c", "key,title,abstract,notes"),
        ("log", "k"),
        ("summary",),
    ):
        for terminal in (True, False):
            out = cli.ok(*words, terminal=terminal).out
            assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(out), words
    for name in ("csv", "markdown", "json"):
        assert "\u202e" not in cli.ok("table", "-c", "key,title", "-f", "json").out
        cli.ok("table", "-c", "key,title", "-f", name)


def test_markup_is_shown_as_it_stands(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", "-s", f"title={MARKUP}", stdin=f"An abstract {MARKUP}")
    for words in (("show", "k"), ("list",), ("search", "abstract"), ("table", "-c", "key,title")):
        out = cli.ok(*words, terminal=True, width=160).out
        assert "[/] [red]not red[/red] [see 3]" in " ".join(out.split()), words
        assert ":smile:" in out or words[0] == "search"


def test_tables_carry_hostile_titles_safely(cli: CommandLine) -> None:
    title = '=HYPERLINK("http://x") | <script>alert(1)</script> \\write18{x} `a` *b*'
    cli.ok("add", "-", "--key", "k", "-s", f"title={title}", stdin="One.")
    markdown = cli.ok("table", "-c", "title", "-f", "markdown").out
    assert "<script>" not in markdown
    assert markdown.splitlines()[2].count(" | ") == 0
    assert "'=HYPERLINK" in cli.ok("table", "-c", "title", "-f", "csv").out


@pytest.mark.parametrize(
    "query",
    ["(", ")", "a)", '"', "year:>", "nofield:x", "AND", "a OR", "?", "[TO]", "~", "year:[2 TO"],
)
def test_a_malformed_query_gets_a_caret(cli: CommandLine, query: str) -> None:
    cli.ok("add", "-", stdin="One.")
    for words in (
        ("search", query),
        ("list", query),
        ("table", query),
        ("export", query, "-f", "bibtex"),
    ):
        done = cli(*words)
        if query == "[TO]":
            assert done.status in {1, 2}
        else:
            assert (done.status, "^" in done.err) == (2, True), words


def test_a_library_from_a_newer_version_is_left_alone(cli: CommandLine) -> None:
    with closing(sqlite3.connect(cli.folder / "library.db")) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    before = (cli.folder / "library.db").read_bytes()
    done = cli("list")
    assert done.status == 5
    assert "newer litrev" in done.err
    assert (cli.folder / "library.db").read_bytes() == before


def test_what_is_no_library_is_not_taken_for_one(bare: CommandLine) -> None:
    (bare.folder / "library.db").write_text(
        "not a database, but a text that is long enough to be looked at" * 20
    )
    assert bare("list").status == 5
    (bare.folder / "library.db").unlink()
    sqlite3.connect(bare.folder / "library.db").close()
    with closing(sqlite3.connect(bare.folder / "library.db")) as connection, connection:
        connection.execute("CREATE TABLE t (x)")
    done = bare("list")
    assert done.status == 5
    assert "not a litrev library" in done.err


def test_there_is_no_library(bare: CommandLine) -> None:
    done = bare("list")
    assert done.status == 5
    assert "litrev init" in done.err


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a folder away"
)
def test_a_library_of_somebody_else_is_refused_until_allowed(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin="One.")
    os.chown(cli.folder / "library.db", 65534, 65534)
    done = cli("list")
    assert done.status == 5
    assert "belongs to another user" in done.err
    Path(cli.environ["LITREV_CONFIG"]).write_text(f'[safe]\nlibraries = ["{cli.folder}"]\n')
    assert cli.ok("list", "-k").lines == ["k"]


def test_a_folder_that_cannot_be_written_is_named(bare: CommandLine) -> None:
    done = bare("init", "/proc/litrev")
    assert done.status == 5
    assert "/proc" in done.err


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions are POSIX's")
def test_a_read_only_library_can_be_read_and_says_what_it_cannot(
    cli: CommandLine, tmp_path: Path
) -> None:
    import subprocess
    import sys

    cli.ok("add", "-", "--key", "k", stdin="One.")
    code = """
import os, sys
folder, cache = sys.argv[1:]
from litrev.cli.main import main
os.chdir(folder)
# Whatever is imported later must be imported now: nobody may not be able to read this Python.
main(["-q", "tag", "k", "+x", "-n"]), main(["-q", "list", "-k", "--sort", "key"])
sys.stdout.flush()
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
sys.exit(main(["list", "-k"]) * 10 + main(["tag", "k", "+x"]))
"""
    for path in (cli.folder, cli.folder / "library.db", *cli.folder.glob("library.db-*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in cli.folder.parents:
        if parent.stat().st_mode & 0o005 != 0o005 and os.getuid() == 0:
            parent.chmod(parent.stat().st_mode | 0o055)
    config = tmp_path / "config.toml"
    config.write_text('[safe]\nlibraries = ["*"]\n')
    config.chmod(0o644)
    environ = {
        **os.environ,
        "LITREV_CONFIG": str(config),
        "LITREV_CACHE": str(tmp_path / "no-cache"),
        "LITREV_USER": "reader",
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(cli.folder), "x"],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
    )
    cli.folder.chmod(0o755)
    assert done.returncode == 5, done.stderr
    assert done.stdout == "k\nk\n"
    assert "read-only" in done.stderr


@pytest.mark.parametrize("content", ["actor = 3", "not toml at all [", "[safe]\nlibraries = 'x'"])
def test_a_bad_config_names_the_file(cli: CommandLine, content: str) -> None:
    Path(cli.environ["LITREV_CONFIG"]).write_text(content)
    done = cli("list")
    assert done.status == 2 or content == "actor = 3"
    if done.status == 2:
        assert "config.toml" in done.err


def test_ndjson_lines_that_are_none_are_quarantined_one_by_one(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin="One abstract. We used interviews.")
    lines = cli.ok("export", "-f", "ndjson").out.splitlines()
    record = next(json.loads(line) for line in lines if '"litrev":"record"' in line)
    broken = json.loads(json.dumps(record))
    broken["values"][0]["evidence"][0]["start"] += 1
    bad = [
        lines[0],
        "{not json",
        '{"litrev":"nonsense"}',
        "[]",
        json.dumps(broken),
        '{"litrev":"record","id":"x"}',
        '{"litrev":"record","id":3}',
        json.dumps({**record, "id": "other", "tags": 7}),
    ]
    cli.write("bad.ndjson", "\n".join(bad) + "\n")
    done = cli("add", "bad.ndjson")
    assert done.status == 3
    assert "quarantined 7" in done.out
    assert len(cli.ok("list", "-k").lines) == 1


@pytest.mark.parametrize("text", ["", "no equals sign", "key = k\nkey = l\n", "key = bad key\n"])
def test_what_the_editor_gives_back_and_cannot_be_read_is_kept(
    cli: CommandLine, text: str, tmp_path: Path
) -> None:
    cli.ok("add", "-", "--key", "k", stdin="One.")
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys; p = sys.argv[1]; t = open(p).read()\n"
        f"text = {text!r}\n"
        "open(p, 'w').write(t.replace('key = k\\n', text + '\\n') if text else '')"
    )
    cli.environ["EDITOR"] = f"{os.sys.executable} {script}"  # type: ignore[attr-defined]  # sys by way of os keeps the line short
    done = cli("edit", "k")
    assert done.status == 2, done
    kept = Path(done.err.split("Your text is kept in ")[1].strip())
    assert text in kept.read_text()
    kept.unlink()
    assert cli.ok("list", "-k").lines == ["k"]


def test_an_editor_changes_accepts_rejects_adds_and_edits(cli: CommandLine, tmp_path: Path) -> None:
    cli.ok(
        "add",
        "-",
        "--key",
        "k",
        stdin="This paper takes village libraries as the research object. "
        "We used interviews and questionnaires.",
    )
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys; p = sys.argv[1]; t = open(p).read()\n"
        "t = t.replace('[ ] village libraries', '[x] village libraries')\n"
        "t = t.replace('methods = [ ] interviews\\n', '')\n"
        "t = t.replace('[ ] questionnaires', '[x] paper questionnaires')\n"
        "t = t.replace('tags = ', 'tags = a b').replace('used', 'have used')\n"
        "t = t.replace('\\n\\n---', '\\nsite = L county\\ntitle = A title\\n\\n---')\n"
        "open(p, 'w').write(t)"
    )
    cli.environ["EDITOR"] = f"{os.sys.executable} {script}"  # type: ignore[attr-defined]
    done = cli.ok("edit", "k")
    record = json.loads(cli.ok("show", "k", "--json").out)
    fields = {
        name: [(v["text"], v["state"]) for v in cell["values"]]
        for name, cell in record["fields"].items()
        if cell["values"]
    }
    assert fields["research_object"] == [("village libraries", "decided")]
    assert ("paper questionnaires", "decided") in fields["methods"]
    assert not any(text == "interviews" for text, _ in fields["methods"])
    assert fields["site"] == [("L county", "decided")]
    assert (record["tags"], record["metadata"]["title"], "have used" in record["abstract"]) == (
        ["a", "b"],
        "A title",
        True,
    )
    assert "changed" in done.err
    cli.ok("undo")
    assert json.loads(cli.ok("show", "k", "--json").out)["metadata"] == {}
