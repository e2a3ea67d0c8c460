"""`litrev edit`."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

import click

from litrev.cli.environment import Environment
from litrev.cli.options import as_option, pass_environment
from litrev.errors import EnvironmentFault, LitrevError, UsageFault
from litrev.library.model.encoding import decode
from litrev.workspace.workspace import Workspace


@click.command("edit")
@click.argument("pointer", metavar="KEY")
@as_option
@pass_environment
def command(environment: Environment, pointer: str) -> None:
    """Edit a record in your editor: metadata, structured fields, tags and abstract.

    The editor is $VISUAL or $EDITOR. If your text cannot be read, you can correct it; it is never
    lost.
    """
    with environment.open() as workspace:
        changed = _edit(environment, workspace, workspace.resolve(pointer))
    if changed:
        environment.inform(f"{pointer}: changed {', '.join(changed)}")
    else:
        environment.inform("nothing was changed")


def _edit(environment: Environment, workspace: Workspace, record_id: str) -> list[str]:
    """Let a person edit the record until it can be read; returns what was changed."""
    original = workspace.as_text(record_id)
    text = original
    warning = ""  # a first line that says why the text was not taken
    with tempfile.TemporaryDirectory(prefix="litrev-") as folder:
        file = Path(folder) / "record.txt"
        while True:
            shown = warning + text
            # Bytes, because write_text() would change the line ends of the abstract on Windows.
            file.write_bytes(shown.encode("utf-8"))
            text = _edited(environment, file, shown).removeprefix(warning)
            if text == original:
                return []
            try:
                return workspace.take_text(record_id, original, text)
            except LitrevError as error:
                problem = " ".join(str(error).split())
                warning = f"# {problem}\n"
                if not _edit_again(environment, problem):
                    raise type(error)(
                        f"not saved: {problem}", _kept_message(text.encode("utf-8"))
                    ) from error


def _edited(environment: Environment, file: Path, shown: str) -> str:
    """The text that the editor leaves in the file; whatever goes wrong, a changed text is kept."""
    try:
        _run_editor(environment, file)
    except LitrevError as error:
        if file.exists() and file.read_bytes() != shown.encode("utf-8"):
            kept = _kept_message(file.read_bytes())
            raise EnvironmentFault(error.message, f"Nothing was saved. {kept}") from error
        raise
    if not file.exists():
        return shown
    data = file.read_bytes()
    try:
        return decode(data, "the edited text").text
    except LitrevError as error:
        raise UsageFault(f"not saved: {error.message}", _kept_message(data)) from error


def _run_editor(environment: Environment, file: Path) -> None:
    fallback = "notepad" if os.name == "nt" else "vi"
    environ = environment.environ
    editor = environ.get("VISUAL") or environ.get("EDITOR") or fallback
    try:
        words = [*shlex.split(editor), str(file)]
        process = subprocess.run(words, check=False, env=dict(environ))
    # ValueError: an unmatched quote in the variable.
    except (OSError, ValueError, IndexError) as error:
        raise EnvironmentFault(
            f"the editor {editor} cannot be started: {error}", "Set EDITOR to one that is there."
        ) from error
    if process.returncode:
        raise EnvironmentFault(
            f"the editor {editor} ended with status {process.returncode}", "Nothing was changed."
        )


def _edit_again(environment: Environment, problem: str) -> bool:
    environment.say(f"litrev: {problem}")
    return environment.stdin.isatty() and click.confirm("Edit again?", default=True, err=True)


def _kept_message(data: bytes) -> str:
    """Keep a text that could not be saved, and say where."""
    # Not in the folder of the record's file, which is deleted when the command ends.
    handle, name = tempfile.mkstemp(prefix="litrev-edit-", suffix=".txt")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return f"Your text is kept in {name}"
