"""`litrev demo`."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from importlib import resources
from pathlib import Path

import click

from litrev.cli.environment import Environment
from litrev.cli.invoke import invoke

_STEPS = (
    (
        "add *.txt --bib meta.bib",
        "Abstracts are kept as they are. Metadata is added to them by file name.",
    ),
    ("summary", "All records in one screen."),
    (
        'search interview OR "volunteer service" OR 问卷',
        "English and Chinese. The best hits come first, and the words are marked.",
    ),
    (
        "table --columns key,research_object,methods,problems",
        "The synthesis table. Each value is from the abstract. ? means that you decide.",
    ),
)
_NEXT = """
Now your own:
  litrev init my-review && cd my-review
  litrev add FILE...            # or `litrev add` alone, to paste an abstract
  litrev search WORDS           # then show '#1', table, export -f bibtex
  litrev accept --above 0.9     # and set, edit: every value is yours to decide
  litrev --help"""


@click.command("demo")
@click.pass_context
def command(context: click.Context) -> None:
    """Show what litrev does, with sample abstracts in a temporary library.

    Your own files are not touched, and nothing is left behind.
    """
    environment: Environment = context.obj
    group = context.find_root().command
    with tempfile.TemporaryDirectory(prefix="litrev-demo-") as name:
        folder = Path(name)
        _copy_samples(folder)
        sample = _sample_environment(environment, folder)
        invoke(group, ["-q", "init", "."], sample)
        for line, comment in _STEPS:
            environment.out(f"\n$ litrev {line}\n# {comment}\n")
            invoke(group, ["-q", *_words(line, folder)], sample)
    environment.out(_NEXT)


def _copy_samples(folder: Path) -> None:
    for path in resources.files("litrev.samples").iterdir():
        if path.name.endswith((".txt", ".bib")):
            (folder / path.name).write_bytes(path.read_bytes())


def _sample_environment(environment: Environment, folder: Path) -> Environment:
    """The environment with all of litrev's own files in ``folder``, also its settings."""
    # Whatever the user has set would change what the demo shows, or be changed by it.
    own = {
        "LITREV_CACHE": str(folder / "cache"),
        "LITREV_CONFIG": str(folder / "config.toml"),
        "LITREV_USER": "you",
        "LITREV_LIBRARY": str(folder),
    }
    environ = {**environment.environ, **own}
    return replace(environment, cwd=folder, library=None, quiet=True, environ=environ)


def _words(line: str, folder: Path) -> list[str]:
    """The words of a command line as a shell would hand them over."""
    if line.startswith("search "):  # what follows is one query, with its quotes
        return line.split(" ", 1)
    words = line.split()
    if "*.txt" in words:
        place = words.index("*.txt")
        words[place : place + 1] = sorted(path.name for path in folder.glob("*.txt"))
    return words
