"""`litrev codebook`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.options import (
    dry_run_option,
    json_option,
    output_options,
    pass_environment,
    say_done,
)
from litrev.errors import UsageFault
from litrev.library.model.codebook import Kind, StructuredField

_KINDS = [kind.value for kind in Kind]
_cues = click.option(
    "--cue",
    "cues",
    multiple=True,
    metavar="WORDS",
    help="Words that point to the field; may be given several times.",
)
_values = click.option(
    "--value",
    "values",
    multiple=True,
    metavar="LABEL=NAME,…",
    help="A possible value, and other names for it; may be given several times.",
)
_heading = click.option("--heading", metavar="TEXT", help="The heading of its column.")
_definition = click.option("--definition", metavar="TEXT", help="What counts as a value of it.")


@click.group("codebook", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Show retired fields too.")
@json_option
@click.pass_context
def command(context: click.Context, everything: bool, as_json: bool) -> None:
    """List the structured fields: name, kind and definition; or change them.

    Your own fields are extracted, reviewed, searched, tabled and exported like those that come with
    litrev. In a cue, [a/b] means a or b, (x) may be missing, ... stands for a few words, and {}
    stands for the words that become the value.
    """
    if context.invoked_subcommand:
        return
    environment: Environment = context.obj
    with environment.open() as workspace:
        book = workspace.codebook()
    fields = book.every if everything else book.fields
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        data = {"schema": SCHEMA, "fields": [_as_dict(field) for field in fields]}
        environment.stdout.write(dump(data))
        return
    for field in fields:
        retired = " (retired)" if field.retired else ""
        environment.row((field.name, field.kind.value, field.definition + retired))


def _as_dict(field: StructuredField) -> dict[str, object]:
    return {
        "name": field.name,
        "heading": field.heading,
        "kind": field.kind.value,
        "definition": field.definition,
        "vocabulary": field.vocabulary,
        "values": {label: list(names) for label, names in field.values.items()},
        "cues": list(field.cues),
        "own": field.own,
        "retired": field.retired,
    }


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
    """Add a field of your own. The next `litrev extract` looks for its values."""
    entry = {
        "heading": heading,
        "kind": kind,
        "definition": definition or "",
        "cues": list(cues) or None,
        "values": _names_by_label(values) or None,
    }
    with environment.open(dry_run) as workspace:
        workspace.define({name: entry}, new=True)
    say_done(environment, dry_run, f"{name}: added; `litrev extract` looks for it")


@command.command("edit")
@click.argument("name")
@click.option("--kind", type=click.Choice(_KINDS), help="What it holds.")
@_heading
@_definition
@_cues
@_values
@click.option("--restore", is_flag=True, help="Use a retired field again.")
@dry_run_option
@pass_environment
def edit(
    environment: Environment, /, name: str, restore: bool, dry_run: bool, **changes: Any
) -> None:
    """Change a field.

    Cues and values are added to those it has. The other options replace what was there.
    """
    with environment.open(dry_run) as workspace:
        fields = {field.name: field for field in workspace.codebook().every}
        if name not in fields:
            raise UsageFault(
                f"no structured field is named {name}", "`litrev codebook --all` lists them."
            )
        entry = _changed(fields[name], **changes)
        if restore:
            entry["retired"] = None
        if not entry:
            raise UsageFault(
                "nothing to change",
                "Give --heading, --definition, --kind, --cue, --value or --restore.",
            )
        workspace.define({name: entry})
    say_done(environment, dry_run, f"{name}: changed")


def _changed(
    field: StructuredField, cues: Sequence[str], values: Sequence[str], **replacements: str | None
) -> dict[str, Any]:
    """The entry of the codebook that makes these changes; empty when there are none."""
    entry: dict[str, Any] = {
        name: replacement for name, replacement in replacements.items() if replacement is not None
    }
    if cues:
        entry["cues"] = list(dict.fromkeys((*field.cues, *cues)))
    if values:
        merged = {label: list(names) for label, names in field.values.items()}
        for label, names in _names_by_label(values).items():
            merged[label] = list(dict.fromkeys((*merged.get(label, ()), *names)))
        entry["values"] = merged
    return entry


@command.command("retire")
@click.argument("names", nargs=-1, required=True)
@dry_run_option
@pass_environment
def retire(environment: Environment, names: Sequence[str], dry_run: bool) -> None:
    """Stop using fields.

    Your decisions in them are kept. `litrev codebook edit NAME --restore` brings a field back.
    """
    with environment.open(dry_run) as workspace:
        for name in names:
            workspace.codebook()[name]  # raises for a field that is not in use
        workspace.define({name: {"retired": True} for name in names})
    say_done(environment, dry_run, f"retired {', '.join(names)}")


@command.command("import")
@click.argument("file")
@dry_run_option
@pass_environment
def import_(environment: Environment, file: str, dry_run: bool) -> None:
    """Read fields from a TOML file.

    New fields are added. A field that exists already becomes as the file says.
    """
    with environment.open(dry_run) as workspace:
        names = workspace.import_codebook(environment.path(file))
    say_done(environment, dry_run, f"{file}: {', '.join(names) or 'no fields'}")


@command.command("export")
@click.option("--all", "everything", is_flag=True, help="Write built-in and retired fields too.")
@output_options
@pass_environment
def export(environment: Environment, everything: bool, output: str | None, force: bool) -> None:
    """Write your fields, and your changes to the built-in ones, as TOML."""
    with environment.open() as workspace:
        text = workspace.export_codebook(everything=everything)
    environment.write(output, [text], force)


def _names_by_label(values: Sequence[str]) -> Mapping[str, list[str]]:
    """What ``--value LABEL=NAME,…`` gives, by label."""
    names_by_label: dict[str, list[str]] = {}
    for value in values:
        label, _, names = value.partition("=")
        label_names = names_by_label.setdefault(label.strip(), [])
        for name in names.split(","):
            if name.strip():
                label_names.append(name.strip())
    return names_by_label
