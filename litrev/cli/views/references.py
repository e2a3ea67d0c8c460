"""References on a terminal: wrapped and indented, so that it is clear where each begins."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from litrev.text.display import visible


def show_references(console: Console, references: str) -> None:
    """Print paragraphs divided by blank lines."""
    for paragraph in references.split("\n\n"):
        lines = Text(visible(" ".join(paragraph.split()))).wrap(console, max(20, console.width - 4))
        if lines:
            console.print(Text("\n    ").join(lines))
