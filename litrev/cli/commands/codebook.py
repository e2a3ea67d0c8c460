"""`litrev codebook`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, json_option, output_options, pass_environment, would
from litrev.errors import UsageFault
from litrev.library.model.codebook import Kind, StructuredField

_KINDS = [kind.value for kind in Kind]
_cues = click.option(
    "--cue",
    "cues",
    multiple=True,
    metavar="WORDS",
    help="Words that tell of the field; may be given several times.",
)
_values = click.option(
    "--value",
    "values",
    multiple=True,
    metavar="LABEL=NAME,…",
    help="A value it can have, and other names of it; may be given several times.",
)
_heading = click.option("--heading", metavar="TEXT", help="What stands above its column.")
_definition = click.option("--definition", metavar="TEXT", help="What counts as a value of it.")


@click.group("codebook", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Retired fields too.")
@json_option
@click.pass_context
def command(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """List the structured fields: name, kind and what counts; or change them.

    A field of your own is extracted, reviewed, searched, tabled and exported like those that come
    with litrev. In its cues [a/b] is either, (x) may be missing, ... stands for a few words, and {}
    for the words that are taken.
    """
    if ctx.invoked_subcommand:
        return
    environment: Environment = ctx.obj
    with environment.open() as workspace:
        book = workspace.codebook()
    fields = book.every if everything else book.fields
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        environment.stdout.write(
            dump({"schema": SCHEMA, "fields": [_row(field) for field in fields]})
        )
        return
    for field in fields:
        environment.row(
            (
                field.name,
                field.kind.value,
                f"{field.definition}{' (retired)' if field.retired else ''}",
            )
        )


def _row(field: StructuredField) -> dict[str, object]:
    return {
        "name": field.name, "heading": field.heading, "kind": field.kind.value, "definition": field.definition, "vocabulary": field.vocabulary,
        "values": {label: list(names) for label, names in field.values.items()}, "cues": list(field.cues), "own": field.own, "retired": field.retired,
    }  # fmt: skip


@command.command("add")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    default=Kind.LIST.value,
    show_default=True,
    help="What it holds.",
)
@_heading
@_definition
@_cues
@_values
@dry_run_option
@pass_environment
def add(
    environment: Environment,
    name: str,
    kind: str,
    heading: str | None,
    definition: str | None,
    cues: Sequence[str],
    values: Sequence[str],
    dry_run: bool,
) -> None:
    """Add a field of your own; the next `litrev extract` looks for it."""
    entry = {
        "heading": heading,
        "kind": kind,
        "definition": definition or "",
        "cues": list(cues) or None,
        "values": _told(values) or None,
    }
    with environment.open(dry_run) as workspace:
        workspace.define({name: entry}, new=True)
    would(environment, dry_run, f"{name}: added; `litrev extract` looks for it")


@command.command("edit")
@click.argument("name")
@click.option("--kind", type=click.Choice(_KINDS), help="What it holds.")
@_heading
@_definition
@_cues
@_values
@click.option("--restore", is_flag=True, help="Take a retired field back into use.")
@dry_run_option
@pass_environment
def edit(environment: Environment, /, name: str, restore: bool, dry_run: bool, **told: Any) -> None:
    """Change a field: what is given replaces, cues and values are added to those there are."""
    with environment.open(dry_run) as workspace:
        field = next((one for one in workspace.codebook().every if one.name == name), None)
        if field is None:
            raise UsageFault(
                f"no structured field is named {name}", "`litrev codebook --all` lists them."
            )
        entry: dict[str, Any] = {
            key: told[key] for key in ("kind", "heading", "definition") if told[key] is not None
        }
        if told["cues"]:
            entry["cues"] = list(dict.fromkeys((*field.cues, *told["cues"])))
        if told["values"]:
            merged = {label: list(names) for label, names in field.values.items()}
            for label, names in _told(told["values"]).items():
                merged[label] = list(dict.fromkeys((*merged.get(label, ()), *names)))
            entry["values"] = merged
        if restore:
            entry["retired"] = None
        if not entry:
            raise UsageFault(
                "nothing to change",
                "Give --heading, --definition, --kind, --cue, --value or --restore.",
            )
        workspace.define({name: entry})
    would(environment, dry_run, f"{name}: changed")


@command.command("retire")
@click.argument("names", nargs=-1, required=True)
@dry_run_option
@pass_environment
def retire(environment: Environment, names: Sequence[str], dry_run: bool) -> None:
    """Take fields out of use; what was decided in them is kept, and comes back with `edit
    --restore`.
    """
    with environment.open(dry_run) as workspace:
        for name in names:
            workspace.codebook()[name]  # raises for what is not in use
        workspace.define({name: {"retired": True} for name in names})
    would(environment, dry_run, f"retired {', '.join(names)}")


@command.command("import")
@click.argument("file")
@dry_run_option
@pass_environment
def import_(environment: Environment, file: str, dry_run: bool) -> None:
    """Take the fields of a TOML file: new ones are added, those of the same name become as the file
    says.
    """
    with environment.open(dry_run) as workspace:
        names = workspace.import_codebook(environment.path(file))
    would(environment, dry_run, f"{file}: {', '.join(names) or 'no fields'}")


@command.command("export")
@click.option("--all", "everything", is_flag=True, help="The built-in and the retired fields too.")
@output_options
@pass_environment
def export(environment: Environment, everything: bool, output: str | None, force: bool) -> None:
    """Write your fields, and what you changed of the built-in ones, as TOML."""
    with environment.open() as workspace:
        text = workspace.export_codebook(everything=everything)
    environment.write(output, [text], force)


def _told(values: Sequence[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for value in values:
        label, _, names = value.partition("=")
        found.setdefault(label.strip(), []).extend(
            name.strip() for name in names.split(",") if name.strip()
        )
    return found
