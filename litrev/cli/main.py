"""The table of commands, each loaded when it is called, and the one place where failures end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from litrev import __version__
from litrev.cli.environment import Environment
from litrev.cli.invoke import invoke
from litrev.errors import LitrevError, Status, Terminated
from litrev.text.display import visible

# name: (module, what it does). A command is the function `command` of its module.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Make a new library."),
    "add": ("add", "Add abstracts and BibTeX files, or paste an abstract."),
    "list": ("list", "List records."),
    "show": ("show", "Show one record with its fields and their evidence."),
    "search": ("search", "Search abstracts, metadata and structured fields."),
    "like": ("like", "Find the records most like one."),
    "save": ("save", "Give a query a name, for @name in others."),
    "summary": ("summary", "Count what there is, what is missing and what is undecided."),
    "table": ("table", "Make a synthesis table: papers by fields."),
    "matrix": (
        "matrix",
        "Make a concept matrix: papers by concepts, or one field against another.",
    ),
    "compare": ("compare", "Set papers side by side."),
    "draft": ("draft", "Write an outline of the review from the cells."),
    "cite": ("cite", "Print formatted references."),
    "bibliography": ("bibliography", "List references in a style, with annotations."),
    "plot": ("plot", "Draw papers by year, methods, an evidence map, chapters."),
    "report": (
        "report",
        "Write one HTML page: pictures, and a table whose values open their words.",
    ),
    "serve": ("serve", "Show the same page live in your browser."),
    "export": ("export", "Write records as BibTeX, RIS, CSL-JSON and other formats."),
    "sync": ("sync", "Bring a .bib file and the library into step."),
    "link": ("link", "Let a .bib file follow the library."),
    "extract": ("extract", "Fill the structured fields from the abstracts."),
    "review": ("review", "Go through what is proposed, a key for each answer."),
    "accept": ("accept", "Accept proposed values."),
    "set": ("set", "Set fields of a record."),
    "edit": ("edit", "Edit a record in your editor."),
    "tag": ("tag", "Put tags on records, or take them off."),
    "note": ("note", "Leave a note on a record."),
    "rename": ("rename", "Give a record another citation key."),
    "rekey": ("rekey", "Replace generated citation keys by ones from the metadata."),
    "rm": ("rm", "Remove records."),
    "log": ("log", "Tell what was done, to the library or to one record."),
    "undo": ("undo", "Take back your last operation."),
    "dedupe": ("dedupe", "Find records that may be one work, and merge them."),
    "check": ("check", "Report what is missing or does not hold."),
    "quarantine": ("quarantine", "List, print and settle what could not be read."),
    "codebook": ("codebook", "List, add and change the structured fields."),
    "index": ("index", "Look after the search index."),
    "backup": ("backup", "Write a copy of the library."),
    "restore": ("restore", "Put a backup in the place of the library."),
    "config": ("config", "Say where settings, library and index lie."),
    "demo": ("demo", "Show what litrev does, on sample abstracts."),
    "completion": ("completion", "Print the completion script of your shell."),
}
HELP_GROUPS = (
    ("Start", ("init", "add", "demo")),
    ("Find and read", ("search", "like", "save", "list", "show", "summary")),
    ("Bring together", ("table", "matrix", "compare", "plot", "report", "serve", "draft")),
    ("Hand on", ("cite", "bibliography", "export", "sync", "link")),
    ("Fill and decide", ("extract", "review", "accept", "set", "edit", "tag", "note", "codebook")),
    ("Keep in order", ("rename", "rekey", "rm", "dedupe", "log", "undo", "check", "quarantine")),
    ("Look after", ("index", "backup", "restore", "config", "completion")),
)


class CommandTable(click.Group):
    """The commands by name; a module is imported when its command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called ``cmd_name``; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        found = import_module(f"litrev.cli.commands.{COMMANDS[cmd_name][0]}").command
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; a typo gets a suggestion, never a guess that is run."""
        name = click.utils.make_str(args[0])
        if name not in COMMANDS and not name.startswith("-"):
            from litrev.text.suggestions import did_you_mean

            ctx.fail(
                f"there is no command {name}. {did_you_mean(name, COMMANDS) or '`litrev --help` lists them.'}"
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by what they are for, without importing any of them."""
        for heading, names in HELP_GROUPS:
            with formatter.section(heading):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names])


@click.command(
    cls=CommandTable,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-C",
    "folder",
    metavar="DIR",
    help="Use the library in DIR; other paths stay relative to where you are.",
)
@click.option(
    "--as",
    "actor",
    metavar="NAME",
    help="Do it as this person; decisions of several persons are kept apart.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
@click.option("--debug", is_flag=True, help="Show a traceback when litrev itself fails.")
@click.version_option(__version__, prog_name="litrev")
@click.pass_context
def litrev(
    ctx: click.Context, folder: str | None, actor: str | None, quiet: bool, debug: bool
) -> None:
    """Keep abstracts, fill structured fields from their words, search them, and make synthesis
    tables.

    A QUERY is words, "phrases", field:word, AND, OR, NOT, (brackets), prefix*, year:>=2018.
    A key, the start of one, or #3 (row 3 of the last list) means one record.
    """
    environment: Environment = ctx.obj
    if actor is not None:
        from litrev.cli.options import act_as

        act_as(environment, actor)
    environment.quiet = quiet
    environment.library = Path(folder) if folder is not None else None


def main(args: Sequence[str] | None = None, environment: Environment | None = None) -> int:
    """Run one command; its exit status."""
    words = list(sys.argv[1:] if args is None else args)
    previous = _on_terminate(_terminated)
    try:
        environment = environment or Environment()
        return _guarded(words, environment)
    except FileNotFoundError:
        sys.stderr.write("litrev: the folder you are in is no longer there\n")
        return int(Status.ENVIRONMENT)
    except KeyboardInterrupt:
        return int(Status.INTERRUPTED)
    finally:
        _on_terminate(previous)


def _guarded(words: list[str], environment: Environment) -> int:
    """Run one command; every failure ends here."""
    environment.command = _spelled(words)
    try:
        return _run(words, environment)
    except LitrevError as error:
        environment.say(f"litrev: {error}")
        return int(error.status)
    except KeyboardInterrupt:
        environment.say("\nlitrev: interrupted; what was finished is kept")
        return int(Status.INTERRUPTED)
    except Terminated:
        return int(Status.TERMINATED)
    except BrokenPipeError:
        _drop_stdout()
        return int(Status.PIPE_CLOSED)
    except MemoryError:
        environment.say(
            "litrev: out of memory; what was finished is kept\nA large file can be cut into several, between two records."
        )
        return int(Status.ENVIRONMENT)
    except UnicodeEncodeError as error:
        environment.say(
            f"litrev: what was typed is not text: {error.reason}\nCheck the encoding of your terminal."
        )
        return int(Status.USAGE)
    except OSError as error:
        environment.say(f"litrev: {error.filename or 'output'}: {error.strerror or error}")
        _drop_stdout()
        return int(Status.ENVIRONMENT)
    except Exception as error:  # the last resort, so that nobody meets a traceback unasked
        if "--debug" in words:
            raise
        environment.say(
            f"litrev: a fault in litrev itself: {type(error).__name__}: {error}\nRun it again with `litrev --debug …` and report what it prints."
        )
        return int(Status.ENVIRONMENT)


def _run(words: list[str], environment: Environment) -> int:
    if "_LITREV_COMPLETE" in environment.environ:
        litrev.main(args=words, prog_name="litrev", obj=environment)
    try:
        result = invoke(litrev, words, environment)
        environment.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.ClickException as error:
        hint = (
            f"\nTry `{error.ctx.command_path} --help`."
            if isinstance(error, click.UsageError) and error.ctx
            else ""
        )
        environment.say(f"litrev: {error.format_message()}{hint}")
        return int(Status.USAGE)
    status = int(result) if isinstance(result, int) else 0
    return status or (int(Status.CONFLICT) if environment.conflicted else 0)


def _spelled(words: Sequence[str]) -> str:
    import shlex

    spelled = shlex.join(["litrev", *words])[:2000]
    return visible(spelled)


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def _on_terminate(handler: Any) -> Any:
    try:
        return signal.signal(signal.SIGTERM, handler)
    except ValueError:  # not in the main thread, where no signal arrives
        return handler


def _drop_stdout() -> None:
    # What is still buffered has no reader: without this the interpreter would complain at its end.
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):  # stdout is no file, as in tests
        return
