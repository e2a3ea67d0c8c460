"""`litrev tag`."""

from __future__ import annotations

import itertools

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, plural, say_done
from litrev.errors import UsageFault

_OPTIONS = {"-n", "--dry-run", "-h", "--help"}


class _TagCommand(click.Command):
    """A command whose words may begin with "-" without being options."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Put the options first, and all other words after "--"."""
        options: list[str] = []
        words: list[str] = []
        remaining = iter(args)
        for arg in remaining:
            if arg == "--query":
                options.append(arg)
                options += itertools.islice(remaining, 1)  # its value, if there is one
            elif arg in _OPTIONS or (arg.startswith("--") and arg != "--"):
                options.append(arg)
            elif arg != "--":
                words.append(arg)
        # After "--" click takes every word as an argument, also -TAG.
        return super().parse_args(context, [*options, "--", *words])


@click.command("tag", cls=_TagCommand)
@click.argument("words", nargs=-1, metavar="KEY... +TAG -TAG...")
@click.option("--query", metavar="QUERY", help="Tag every record that matches QUERY.")
@dry_run_option
@pass_environment
def command(
    environment: Environment, words: tuple[str, ...], query: str | None, dry_run: bool
) -> None:
    """Add tags to records (+TAG), or remove them (-TAG)."""
    added = [word[1:] for word in words if word.startswith("+")]
    removed = [word[1:] for word in words if word.startswith("-")]
    pointers = [word for word in words if not word.startswith(("+", "-"))]
    tags_given = bool(added or removed)
    records_given = bool(pointers or query)
    if not (tags_given and records_given):
        raise UsageFault("which record, and which tag?", "Write it as litrev tag KEY +TAG.")
    with environment.open(dry_run) as workspace:
        ids = [workspace.resolve(pointer) for pointer in pointers]
        if query:
            ids += workspace.select(query)
        changed = workspace.tag(list(dict.fromkeys(ids)), added, removed)
    message = f"tagged {plural(changed, 'record')}" if changed else "no change"
    say_done(environment, dry_run, message)
