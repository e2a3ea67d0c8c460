"""`litrev tag`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, plural, would
from litrev.errors import UsageFault

_OPTIONS = {"-n", "--dry-run", "-h", "--help"}


class _TagCommand(click.Command):
    """A command whose words may begin with "-" without being options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the options first, and everything else behind "--"."""
        options, words, rest = list[str](), list[str](), iter(args)
        for word in rest:
            if word == "--query":
                options += [word, *[value for value in [next(rest, None)] if value is not None]]
            elif (
                word in _OPTIONS
                or word.startswith("--query=")
                or (word.startswith("--") and word != "--")
            ):
                options.append(word)
            elif word != "--":
                words.append(word)
        return super().parse_args(ctx, [*options, "--", *words])


@click.command("tag", cls=_TagCommand)
@click.argument("words", nargs=-1, metavar="KEY... +TAG -TAG...")
@click.option("--query", metavar="QUERY", help="Tag every record that QUERY means.")
@dry_run_option
@pass_environment
def command(
    environment: Environment, words: tuple[str, ...], query: str | None, dry_run: bool
) -> None:
    """Put tags on records (+TAG) and take others off (-TAG)."""
    add = [word[1:] for word in words if word.startswith("+")]
    remove = [word[1:] for word in words if word.startswith("-")]
    pointers = [word for word in words if word[0:1] not in {"+", "-"}]
    if not (add or remove) or not (pointers or query):
        raise UsageFault("which record, and which tag?", "Write it as litrev tag KEY +TAG.")
    with environment.open(dry_run) as workspace:
        ids = [workspace.resolve(pointer) for pointer in pointers] + (
            workspace.select(query) if query else []
        )
        changed = workspace.tag(list(dict.fromkeys(ids)), add, remove)
    would(
        environment,
        dry_run,
        f"tagged {plural(changed, 'record')}" if changed else "it was so already",
    )
