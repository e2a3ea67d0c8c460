"""Pictures, and the report: a review as one page."""

from __future__ import annotations

from litrev.errors import UsageFault
from litrev.library.render import pictures, report
from litrev.library.synthesis import figures, model, table
from litrev.library.synthesis.figures import Figure
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session

PICTURES = ("svg", "png")
REPORT = "Literature review"  # the title of a report that is given none
_TITLE = 300  # characters of a paper's title in a report


class Reports:
    """The pictures and reports of one library."""

    def __init__(self, session: Session, selecting: Selecting) -> None:
        self._library, self._selecting = session.library, selecting

    def figure(
        self, kind: str, query: str = "", *, cross: tuple[str, str] | None = None, title: str = ""
    ) -> Figure:
        """What a picture of one of ``figures.KINDS`` shows of the records ``query`` means;
        ``cross`` are the two columns of a map.

        ``litrev.library.render.pictures.draw`` makes SVG of it. Raises UsageFault for an unknown
        kind or column.
        """
        codebook = self._library.codebook()
        records = self._selecting.records(query)
        cells = self._selecting.cells_of(records)
        return figures.figure(kind, records, cells, codebook, cross, title)

    def report(self, query: str = "", title: str = "", *, live: bool = False) -> str:
        """The records ``query`` means as one HTML page that loads nothing: pictures, and a table
        whose values open their words.

        ``live`` gives it a form to search with, for a server that answers it. Raises QuerySyntax,
        or NotFound where nothing matches.
        """
        codebook = self._library.codebook()
        records = self._selecting.records(query)
        cells = self._selecting.cells_of(records)
        made = table.build(
            title,
            table.columns([*dict.fromkeys((*table.DEFAULT_COLUMNS, *codebook.names))], codebook),
            records,
            cells,
            codebook,
        )
        made = model.titled(made, [record.label(_TITLE) for record in records])
        drawn = [figures.figure(kind, records, cells, codebook) for kind in figures.KINDS]
        abstracts = {
            record.id: record.abstract for record in records if record.abstract is not None
        }
        return report.render(title or REPORT, made, abstracts, drawn, query=query, live=live)

    def draw(self, figure: Figure, format: str) -> str | bytes:
        """A picture as SVG or PNG; raises UsageFault for another format."""
        if format not in PICTURES:
            raise UsageFault(
                f"there is no picture format {format}", f"There are: {', '.join(PICTURES)}."
            )
        svg = pictures.draw(figure)
        return pictures.png(svg) if format == "png" else svg
