"""Pictures, and the report: a review as one page."""

from __future__ import annotations

from litrev.errors import UsageFault
from litrev.library.synthesis import figures, model, table
from litrev.library.synthesis.figures import Figure
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session

PICTURES = ("svg", "png")
REPORT = "Literature review"  # the title of a report for which none was given
_LONGEST_TITLE = 300  # characters of a paper's title in a report


class Reports:
    """The pictures and reports of one library."""

    def __init__(self, session: Session, selecting: Selecting) -> None:
        self._library = session.library
        self._selecting = selecting

    def figure(
        self, kind: str, query: str = "", *, cross: tuple[str, str] | None = None, title: str = ""
    ) -> Figure:
        """The data of a picture of the records that ``query`` means; :meth:`draw` draws it.

        ``kind`` is one of ``figures.KINDS``. ``cross`` are the two columns of a map. Raises
        UsageFault for an unknown kind or column.
        """
        codebook = self._library.codebook()
        records = self._selecting.records(query)
        cells = self._selecting.cells_of(records)
        return figures.figure(kind, records, cells, codebook, cross, title)

    def report(self, query: str = "", title: str = "", *, live: bool = False) -> str:
        """The records that ``query`` means as one HTML page, which loads no other file.

        ``live`` adds a search form, for a server that answers it. Raises QuerySyntax for a query
        that cannot be read, NotFound where nothing matches.
        """
        # Here and in draw(): figures that are shown on a terminal need no SVG.
        from litrev.library.render import report

        codebook = self._library.codebook()
        records = self._selecting.records(query)
        cells = self._selecting.cells_of(records)
        # The default columns, then all others; a dict drops the second of two equal names.
        names = list(dict.fromkeys((*table.DEFAULT_COLUMNS, *codebook.names)))
        columns = table.columns(names, codebook)
        papers = table.build(title, columns, records, cells, codebook)
        papers = model.titled(papers, [record.label(_LONGEST_TITLE) for record in records])
        pictured = [figures.figure(kind, records, cells, codebook) for kind in figures.KINDS]
        abstracts = {
            record.id: record.abstract for record in records if record.abstract is not None
        }
        return report.render(title or REPORT, papers, abstracts, pictured, query=query, live=live)

    def draw(self, figure: Figure, format: str) -> str | bytes:
        """A picture as SVG or PNG; raises UsageFault for another format."""
        if format not in PICTURES:
            raise UsageFault(
                f"no figure format is named {format}", f"There are: {', '.join(PICTURES)}."
            )
        from litrev.library.render import pictures

        svg = pictures.draw(figure)
        return pictures.png(svg) if format == "png" else svg
