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

# What each command does. A command is the function `command` of the module with its name.
# Not read from the docstrings there: the help would have to import every command.
COMMANDS = {
    "init": "Make a new library.",
    "add": "Add abstracts and BibTeX files, or paste an abstract.",
    "demo": "Show what litrev does, with sample abstracts.",
    "search": "Search abstracts, metadata and structured fields.",
    "like": "Find the records most similar to one.",
    "save": "Save a query under a name, to use it as @name.",
    "list": "List records.",
    "show": "Show one record with its fields and their evidence.",
    "summary": "Count what there is, what is missing and what is undecided.",
    "extract": "Fill the structured fields from the abstracts.",
    "review": "Decide on proposed values, with one key for each answer.",
    "accept": "Accept proposed values.",
    "set": "Set fields of a record.",
    "edit": "Edit a record in your editor.",
    "tag": "Add tags to records, or remove them.",
    "note": "Add a note to a record.",
    "codebook": "List, add and change the structured fields.",
    "table": "Make a synthesis table: papers by fields.",
    "matrix": "Make a concept matrix: papers by concepts, or one field by another.",
    "compare": "Compare papers side by side.",
    "plot": "Draw papers by year, methods, an evidence map, chapters.",
    "report": "Write one HTML page: figures, and a table with the evidence of each value.",
    "serve": "Show the same page live in your browser.",
    "draft": "Write an outline of the review.",
    "cite": "Print formatted references.",
    "bibliography": "List references in a style, with annotations.",
    "export": "Write records as BibTeX, RIS, CSL-JSON and other formats.",
    "sync": "Exchange changes between a .bib file and the library.",
    "link": "Update a .bib file whenever the library changes.",
    "check": "Report what is missing or wrong.",
    "dedupe": "Find records that may be the same work, and merge them.",
    "quarantine": "List, print and settle what could not be read.",
    "rename": "Change the citation key of a record.",
    "rekey": "Replace generated citation keys by keys made from the metadata.",
    "rm": "Remove records.",
    "undo": "Undo your last operation.",
    "log": "Show the history of the library, or of one record.",
    "backup": "Write a copy of the library.",
    "restore": "Replace the library by a backup.",
    "index": "Check, rebuild or compact the search index.",
    "config": "Show where the settings, the library and the index are.",
    "completion": "Print the completion script of your shell.",
}
HELP_GROUPS = (
    ("Start", ("init", "add", "demo")),
    ("Find and read", ("search", "like", "save", "list", "show", "summary")),
    (
        "Extract and review",
        ("extract", "review", "accept", "set", "edit", "tag", "note", "codebook"),
    ),
    ("Synthesize", ("table", "matrix", "compare", "plot", "report", "serve", "draft")),
    ("Cite and export", ("cite", "bibliography", "export", "sync", "link")),
    (
        "Maintenance",
        (
            "check", "dedupe", "quarantine", "rename", "rekey", "rm", "undo", "log",
            "backup", "restore", "index", "config", "completion",
        ),
    ),
)  # fmt: skip


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

        module = import_module(f"litrev.cli.commands.{cmd_name}")
        assert isinstance(module.command, click.Command)
        return module.command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; a typo gets a suggestion, never a guess that is run."""
        name = click.utils.make_str(args[0])
        if name not in COMMANDS and not name.startswith("-"):
            from litrev.text.suggestions import did_you_mean

            hint = did_you_mean(name, COMMANDS) or "`litrev --help` lists them."
            ctx.fail(f"there is no command {name}. {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands in their groups, without importing any of them."""
        for heading, names in HELP_GROUPS:
            with formatter.section(heading):
                formatter.write_dl([(name, COMMANDS[name]) for name in names])


@click.command(
    cls=CommandTable,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-C",
    "folder",
    metavar="DIR",
    help="Use the library in DIR. Other paths stay relative to the current folder.",
)
@click.option(
    "--as",
    "actor",
    metavar="NAME",
    help="Act as this person. The decisions of each person are kept apart.",
)
@click.option("-q", "--quiet", is_flag=True, help="Report only what went wrong.")
@click.option("--debug", is_flag=True, help="Show a traceback when litrev itself fails.")
@click.version_option(__version__, prog_name="litrev")
@click.pass_context
def litrev(
    ctx: click.Context, folder: str | None, actor: str | None, quiet: bool, debug: bool
) -> None:
    """Keep abstracts, fill structured fields from their words, search them, and make synthesis
    tables.

    A QUERY is words, "phrases", field:word, AND, OR, NOT, (parentheses), prefix*, year:>=2018.
    A key, the beginning of one, or #3 (row 3 of the last list) means one record.
    """
    environment: Environment = ctx.obj
    if actor is not None:
        from litrev.cli.options import act_as

        act_as(environment, actor)
    environment.quiet = quiet
    environment.library = Path(folder) if folder is not None else None


def main(args: Sequence[str] | None = None, environment: Environment | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if args is None else args)
    previous = _on_terminate(_terminated)
    try:
        environment = environment or Environment()
        return _guarded(words, environment)
    except FileNotFoundError:
        # From Path.cwd(), before there is an environment to say anything.
        sys.stderr.write("litrev: the current folder does not exist any more\n")
        return int(Status.ENVIRONMENT)
    except KeyboardInterrupt:
        return int(Status.INTERRUPTED)
    finally:
        # A Python program, or a test, may call this and go on afterwards.
        _on_terminate(previous)


def _guarded(words: list[str], environment: Environment) -> int:
    """Run one command; every failure ends here."""
    environment.command = _as_typed(words)
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
            "litrev: out of memory; what was finished is kept\n"
            "Divide a large file into several, between two records."
        )
        return int(Status.ENVIRONMENT)
    except UnicodeEncodeError as error:
        environment.say(
            f"litrev: what you typed is not text: {error.reason}\n"
            "Check the encoding of your terminal."
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
            f"litrev: a fault in litrev itself: {type(error).__name__}: {error}\n"
            "Run it again with `litrev --debug …` and report what it prints."
        )
        return int(Status.ENVIRONMENT)


def _run(words: list[str], environment: Environment) -> int:
    if "_LITREV_COMPLETE" in environment.environ:
        # Only click's own main() answers the shell, which sets this variable to ask.
        litrev.main(args=words, prog_name="litrev", obj=environment)
    try:
        result = invoke(litrev, words, environment)
        # Here, so that a full disk or a closed pipe is met before the exit status is decided.
        environment.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort as error:
        # What click makes of Ctrl-C or the end of the input at a prompt.
        raise KeyboardInterrupt from error
    except click.ClickException as error:
        message = f"litrev: {error.format_message()}"
        if isinstance(error, click.UsageError) and error.ctx:
            message += f"\nTry `{error.ctx.command_path} --help`."
        environment.say(message)
        return int(Status.USAGE)
    if isinstance(result, int) and result != Status.DONE:
        return int(result)
    return int(Status.CONFLICT if environment.conflicted else Status.DONE)


def _as_typed(words: Sequence[str]) -> str:
    import shlex

    return visible(shlex.join(["litrev", *words])[:2000])


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
    except (OSError, ValueError, AttributeError):  # stdout is not a file, as in tests
        return
