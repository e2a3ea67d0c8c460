"""References on a terminal: wrapped and indented, so that it is clear where each begins."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from litrev.text.display import visible


def show_references(console: Console, references: str) -> None:
    """Print ``references``, which are paragraphs divided by blank lines, each as wide as it fits.

    All lines of a reference but the first are indented.
    """
    width = max(20, console.width - 4)
    for paragraph in references.split("\n\n"):
        text = " ".join(paragraph.split())
        lines = Text(visible(text)).wrap(console, width)
        if lines:
            console.print(Text("\n    ").join(lines))
