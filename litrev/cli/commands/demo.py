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
    ("add *.txt --bib meta.bib", "Abstracts go in as they are; metadata joins them by file name."),
    ("summary", "The corpus in one screen."),
    (
        'search interview OR "volunteer service" OR 问卷',
        "English and Chinese, best hits first, the words marked.",
    ),
    (
        "table --columns key,research_object,methods,problems",
        "The synthesis table: every value comes from words of the abstract; ? waits for you.",
    ),
)


@click.command("demo")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show what litrev does, on sample abstracts in a temporary library.

    Nothing of yours is touched, and nothing is left behind.
    """
    environment: Environment = ctx.obj
    group = ctx.find_root().command
    with tempfile.TemporaryDirectory(prefix="litrev-demo-") as name:
        folder = Path(name)
        for path in resources.files("litrev.samples").iterdir():
            if path.name.endswith((".txt", ".bib")):
                (folder / path.name).write_bytes(path.read_bytes())
        own = {
            "LITREV_CACHE": str(folder / "cache"),
            "LITREV_CONFIG": str(folder / "config.toml"),
            "LITREV_USER": "you",
            "LITREV_LIBRARY": str(folder),
        }
        sample = replace(
            environment,
            cwd=folder,
            library=None,
            quiet=True,
            environ={**environment.environ, **own},
        )
        files = sorted(path.name for path in folder.glob("*.txt"))
        invoke(group, ["-q", "init", "."], sample)
        for line, comment in _STEPS:
            environment.out(f"\n$ litrev {line}\n# {comment}\n")
            words = (
                ["add", *files, "--bib", "meta.bib"]
                if line.startswith("add")
                else line.split(" ", 1)
            )
            invoke(
                group,
                ["-q", *(words if line.startswith(("add", "search")) else line.split())],
                sample,
            )
    environment.out(
        "\nNow your own:\n"
        "  litrev init my-review && cd my-review\n"
        "  litrev add FILE...            # or `litrev add` alone, to paste an abstract\n"
        "  litrev search WORDS           # then show '#1', table, export -f bibtex\n"
        "  litrev accept --above 0.9     # and set, edit: every value is yours to decide\n"
        "  litrev --help"
    )
