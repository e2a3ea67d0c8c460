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


@click.command("edit")
@click.argument("pointer", metavar="KEY")
@as_option
@pass_environment
def command(environment: Environment, pointer: str) -> None:
    """Edit a record in your editor ($VISUAL or $EDITOR): metadata, structured fields, tags,
    abstract.

    What cannot be read is given back to you with the reason; nothing is lost.
    """
    with environment.open() as workspace:
        record_id = workspace.resolve(pointer)
        original = workspace.as_text(record_id)
        text, problem = original, ""
        with tempfile.TemporaryDirectory(prefix="litrev-") as folder:
            file = Path(folder) / "record.txt"
            while True:
                shown = (f"# {problem}\n" if problem else "") + text
                file.write_bytes(shown.encode("utf-8"))
                text = _edited(environment, file, shown).removeprefix(
                    f"# {problem}\n" if problem else ""
                )
                if text == original:
                    environment.did("nothing was changed")
                    return
                try:
                    changed = workspace.take_text(record_id, original, text)
                except LitrevError as error:
                    problem = " ".join(str(error).split())
                    if not _again(environment, problem):
                        raise type(error)(
                            f"not saved: {problem}",
                            f"Your text is kept in {_keep(text.encode('utf-8'))}",
                        ) from error
                else:
                    environment.did(
                        f"{pointer}: changed {', '.join(changed)}"
                        if changed
                        else "nothing was changed"
                    )
                    return


def _edited(environment: Environment, file: Path, shown: str) -> str:
    """What the editor leaves in the file; whatever goes wrong, a changed text is kept somewhere."""
    try:
        _run_editor(environment, file)
    except LitrevError as error:
        if file.exists() and file.read_bytes() != shown.encode("utf-8"):
            raise EnvironmentFault(
                error.message, f"Nothing was saved. Your text is kept in {_keep(file.read_bytes())}"
            ) from error
        raise
    if not file.exists():
        return shown
    data = file.read_bytes()
    try:
        return decode(data, "the edited text").text
    except LitrevError as error:
        raise UsageFault(
            f"not saved: {error.message}", f"Your text is kept in {_keep(data)}"
        ) from error


def _run_editor(environment: Environment, file: Path) -> None:
    editor = (
        environment.environ.get("VISUAL")
        or environment.environ.get("EDITOR")
        or ("notepad" if os.name == "nt" else "vi")
    )
    try:
        done = subprocess.run(
            [*shlex.split(editor), str(file)], check=False, env=dict(environment.environ)
        )
    except (OSError, ValueError, IndexError) as error:
        raise EnvironmentFault(
            f"the editor {editor} cannot be started: {error}", "Set EDITOR to one that is there."
        ) from error
    if done.returncode:
        raise EnvironmentFault(
            f"the editor {editor} ended with status {done.returncode}", "Nothing was changed."
        )


def _again(environment: Environment, problem: str) -> bool:
    environment.say(f"litrev: {problem}")
    return environment.stdin.isatty() and click.confirm("Edit again?", default=True, err=True)


def _keep(data: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix="litrev-edit-", suffix=".txt")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return Path(name)
