"""litrev's engine and the three it is measured beside, each as one small class over the same
records and queries.

Every one of them finds, counts and names the ten best. FTS5 and tantivy search the texts that
litrev searches, but not key, type and DOI; Whoosh, as in its quick start, title, abstract, author
and findings. litrev takes names in both orders; the others keep the abstracts, which litrev has in
its library.
"""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

Raw = Mapping[str, Any]  # a record of the corpus
Asked = Mapping[str, Any]  # a query of queries.json
Found = tuple[int, list[str]]  # how many, and the keys of the best
BEST = 10
_TEXTS = ("title", "abstract", "author", "venue", "findings", "methods")


class Measured(Protocol):
    """An engine as it is measured."""

    without: frozenset[str]  # the classes of queries it cannot answer
    version: str

    def __init__(self, folder: Path) -> None: ...

    def build(self, records: Sequence[Raw]) -> Callable[[], None]:
        """What builds the index when it is called; what comes before that is not measured."""

    def open(self) -> None:
        """Open the index for searching."""

    def search(self, query: Asked) -> Found:
        """Answer one query."""

    def change(self, record: Raw) -> None:
        """Put ``record`` in the place of the one with its key, committed and searchable."""

    def close(self) -> None:
        """Let go of it."""


def _texts(record: Raw) -> dict[str, str]:
    return {
        **record,
        "venue": record["journal"] or record["booktitle"],
        "methods": "; ".join(record["methods"]),
    }


class Litrev:
    """litrev's embedded engine, as the library uses it: from records over documents and the query
    language.
    """

    without = frozenset[str]()

    def __init__(self, folder: Path) -> None:
        from litrev.index import analysis
        from litrev.index.documents import searchable
        from litrev.index.embedded.engine import EmbeddedEngine
        from litrev.index.grammar import parse
        from litrev.index.snippets import snippet
        from litrev.library.model.codebook import codebook

        self.codebook = codebook(0, "")
        self.fields, self._parse, self._snippet = searchable(self.codebook), parse, snippet
        analysis.stem("imports")  # it imports what it needs when it is first called
        self.version = "litrev's embedded engine"
        self.folder, self._made = folder / "index", EmbeddedEngine
        self.texts: dict[
            str, Mapping[str, str]
        ] = {}  # where snippets are cut from; nothing is cut without them
        self.revision = 1
        self._engine: Any = None

    def build(self, records: Sequence[Raw]) -> Callable[[], None]:
        """Build from the records as the library hands them over; their documents are made while it
        builds.
        """
        from litrev.index.documents import document

        read = [self._read(raw) for raw in records]
        self.open()

        def run() -> None:
            with self._engine.exclusive():
                self._engine.rebuild(
                    (document(record, cells) for record, cells in read),
                    self._seen(),
                    lambda _: None,
                )

        return run

    def keep_texts(self, records: Iterable[Raw]) -> None:
        """Keep the texts that snippets are cut from."""
        from litrev.index.documents import document

        self.texts = {raw["key"]: document(*self._read(raw)).texts for raw in records}

    def _read(self, raw: Raw) -> tuple[Any, dict[str, Any]]:
        from litrev.library.model.record import (
            Cell,
            CellState,
            Field,
            Item,
            ItemState,
            Record,
            Value,
        )

        names = ("title", "author", "year", "booktitle", "journal", "doi")
        bibliographic = tuple(Field(name, str(raw[name])) for name in names if raw.get(name))
        cells = {name: Cell(name, CellState.NEVER) for name in self.codebook.names}
        for name, values in (
            ("methods", raw["methods"]),
            ("findings", [raw["findings"]] if raw["findings"] else []),
        ):
            made = [
                Value(f"{raw['key']}-{name}-{n}", name, text, None, (), "rule:benchmark", 1.0, "")
                for n, text in enumerate(values)
            ]
            cells[name] = Cell(
                name, CellState.PROPOSED, tuple(Item(value, ItemState.PROPOSED) for value in made)
            )
        return Record(
            raw["key"], raw["key"], raw["entrytype"] or "misc", bibliographic, raw["abstract"]
        ), cells

    def _seen(self) -> Any:
        from litrev.index import analysis
        from litrev.index.engine import Seen
        from litrev.library.storage.library import Position

        return Seen(
            Position("benchmark", "", self.revision, 0), analysis.version(), self._engine.format
        )

    def open(self) -> None:
        """Open the index."""
        self._engine = self._made(self.folder, self.codebook.names)

    def search(self, query: Asked) -> Found:
        """Answer one query, from its text."""
        tree = self._parse(written(query), self.fields)
        options = {"facets": (query["by"],)} if "by" in query else {}
        page = self._engine.search(tree, BEST, **options)
        if query["type"] == "snippet":
            for hit in page.hits:
                if hit.id in self.texts:
                    self._snippet(tree, self.texts[hit.id])
        return page.total, [hit.id for hit in page.hits]

    def change(self, record: Raw) -> None:
        """Apply one changed document."""
        from litrev.index.documents import document

        self.revision += 1
        with self._engine.exclusive():
            self._engine.apply([document(*self._read(record))], [], self._seen())

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()


def written(query: Asked) -> str:
    """A query as litrev, Whoosh and tantivy write it alike."""
    match query["type"]:
        case "or":
            return " OR ".join(query["terms"])
        case "phrase":
            return f'"{" ".join(query["terms"])}"'
        case "prefix":
            return f"{query['prefix']}*"
        case "fuzzy":
            return f"{query['term']}~"
        case "field":
            return " AND ".join(f"{query['field']}:{term}" for term in query["terms"])
        case "year":
            return f"{' AND '.join(query['terms'])} AND year:[{query['lo']} TO {query['hi']}]"
    return " AND ".join(query["terms"])


class Whoosh:
    """Whoosh as its quick start has it."""

    without = frozenset[str]()

    def __init__(self, folder: Path) -> None:
        import whoosh
        from whoosh import analysis, fields, index, qparser, sorting

        self.version = f"Whoosh {whoosh.versionstring()}"
        self.folder, self._index, self._sorting = folder, index, sorting
        stemming = analysis.StemmingAnalyzer()
        self.schema = fields.Schema(
            title=fields.TEXT(stemming, stored=True),
            abstract=fields.TEXT(stemming, stored=True),
            author=fields.TEXT(stemming),
            findings=fields.TEXT(stemming),
            year=fields.NUMERIC,
            methods=fields.KEYWORD(commas=True),
            key=fields.ID(unique=True, stored=True),
        )
        self.parser = qparser.MultifieldParser(
            ["title", "abstract", "author", "findings"], self.schema
        )
        self.parser.add_plugin(qparser.FuzzyTermPlugin())
        self._made: Any = None
        self._searcher: Any = None

    def build(self, records: Sequence[Raw]) -> Callable[[], None]:
        """Build with the default writer."""

        def run() -> None:
            writer = self._index.create_in(str(self.folder), self.schema).writer()
            for record in records:
                writer.add_document(**_whoosh_fields(record))
            writer.commit()

        return run

    def open(self) -> None:
        """Open the index and a searcher."""
        self._made = self._index.open_dir(str(self.folder))
        self._searcher = self._made.searcher()

    def search(self, query: Asked) -> Found:
        """Answer one query, from its text."""
        tree = self.parser.parse(written(query))
        by = (
            self._sorting.FieldFacet(
                query["by"], allow_overlap=query["by"] == "methods", maptype=self._sorting.Count
            )
            if "by" in query
            else None
        )
        results = self._searcher.search(tree, limit=BEST, groupedby=by)
        if by:
            results.groups()
        if query["type"] == "snippet":
            for hit in results:
                hit.highlights("abstract")
        return len(results), [hit["key"] for hit in results]

    def change(self, record: Raw) -> None:
        """Update one document and open a new searcher."""
        writer = self._made.writer()
        writer.update_document(**_whoosh_fields(record))
        writer.commit()
        self._searcher = self._searcher.refresh()

    def close(self) -> None:
        """Close searcher and index."""
        self._searcher.close()
        self._made.close()


def _whoosh_fields(record: Raw) -> dict[str, Any]:
    return {
        **{
            name: record[name]
            for name in ("title", "abstract", "author", "findings", "year", "key")
            if record[name]
        },
        "methods": ",".join(record["methods"]),
    }


_SCHEMA = f"""
CREATE TABLE records (id INTEGER PRIMARY KEY, key TEXT UNIQUE, year INTEGER, {", ".join(_TEXTS)});
CREATE TABLE methods_of (id INTEGER, name TEXT, PRIMARY KEY (id, name)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words
    USING fts5({", ".join(_TEXTS)}, content=records, content_rowid=id, tokenize=porter);
"""


class Fts5:
    """SQLite's FTS5 over a table of records, Porter's stemmer, bm25."""

    without = frozenset({"fuzzy"})
    version = f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, folder: Path) -> None:
        self.file = folder / "words.db"
        self._database: Any = None

    def build(self, records: Sequence[Raw]) -> Callable[[], None]:
        """Build in one transaction."""

        def run() -> None:
            self.open()
            self._database.executescript(_SCHEMA)
            with self._database:
                for number, record in enumerate(records, 1):
                    self._put(number, record)
            self.close()

        return run

    def _put(self, number: int, record: Raw) -> None:
        texts = _texts(record)
        row = [texts[name] for name in _TEXTS]
        self._database.execute(
            f"INSERT INTO records VALUES ({', '.join('?' * 9)})",
            (number, record["key"], record["year"], *row),
        )
        self._database.execute(
            f"INSERT INTO words (rowid, {', '.join(_TEXTS)}) VALUES ({', '.join('?' * 7)})",
            (number, *row),
        )
        self._database.executemany(
            "INSERT OR IGNORE INTO methods_of VALUES (?, ?)",
            [(number, name) for name in record["methods"]],
        )

    def open(self) -> None:
        """Connect."""
        self._database = sqlite3.connect(self.file)

    def search(self, query: Asked) -> Found:
        """Answer one query: the count, the best, and the facets, one statement each."""
        run = self._database.execute
        words = (
            " AND ".join(query["terms"]) if query["type"] == "year" else written(query)
        )  # it writes a field like the others
        source, among = "words", "words MATCH ?"
        values: tuple[Any, ...] = (words,)
        if query["type"] == "year":
            among += " AND year BETWEEN ? AND ?"
            values = (words, query["lo"], query["hi"])
            source = "words JOIN records ON records.id = words.rowid"
        total = run(f"SELECT count(*) FROM {source} WHERE {among}", values).fetchone()[0]
        shown = ", snippet(words, -1, '[', ']', '…', 25)" if query["type"] == "snippet" else ""
        joined = f"words JOIN records ON records.id = words.rowid WHERE {among}"
        best = [
            row[0]
            for row in run(f"SELECT key{shown} FROM {joined} ORDER BY rank LIMIT {BEST}", values)
        ]
        if "by" in query:
            table, column = {"year": ("records", "year"), "methods": ("methods_of", "name")}[
                query["by"]
            ]
            counted = f"SELECT {column}, count(*) FROM words JOIN {table} ON id = words.rowid"
            run(f"{counted} WHERE {among} GROUP BY 1", values).fetchall()
        return total, best

    def change(self, record: Raw) -> None:
        """Take the old record out and put the new one in."""
        with self._database:
            number, *row = self._database.execute(
                f"SELECT id, {', '.join(_TEXTS)} FROM records WHERE key = ?", (record["key"],)
            ).fetchone()
            self._database.execute(
                f"INSERT INTO words (words, rowid, {', '.join(_TEXTS)}) "
                f"VALUES ('delete', {', '.join('?' * 7)})",
                (number, *row),
            )
            for table in ("records", "methods_of"):
                self._database.execute(f"DELETE FROM {table} WHERE id = ?", (number,))
            self._put(number, record)

    def close(self) -> None:
        """Disconnect."""
        self._database.close()


class Tantivy:
    """tantivy, its English stemmer, one thread."""

    without = frozenset[str]()

    def __init__(self, folder: Path) -> None:
        self._tantivy: Any = importlib.import_module("tantivy")
        self.version = (
            f"tantivy {self._tantivy.__version__.split(',')[0].removeprefix('tantivy v')}"
        )
        builder = self._tantivy.SchemaBuilder()
        for name in _TEXTS:
            builder.add_text_field(
                name, stored=name in {"title", "abstract"}, tokenizer_name="en_stem"
            )
        builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field(
            "method", fast=True, tokenizer_name="raw", index_option="basic"
        )  # each whole, for the facets
        builder.add_integer_field("year", indexed=True, fast=True)
        self.schema, self.folder = builder.build(), folder
        self._index: Any = None
        self._searcher: Any = None
        self._writer: Any = None

    def build(self, records: Sequence[Raw]) -> Callable[[], None]:
        """Build with one writing thread."""

        def run() -> None:
            writer = self._tantivy.Index(self.schema, path=str(self.folder)).writer(num_threads=1)
            for record in records:
                writer.add_document(self._document(record))
            writer.commit()
            writer.wait_merging_threads()

        return run

    def _document(self, record: Raw) -> Any:
        texts = _texts(record)
        fields = {name: texts[name] for name in (*_TEXTS, "key")}
        return self._tantivy.Document(**fields, method=list(record["methods"]), year=record["year"])

    def open(self) -> None:
        """Open the index and a searcher."""
        self._index = self._tantivy.Index.open(str(self.folder))
        self._searcher = self._index.searcher()

    def search(self, query: Asked) -> Found:
        """Answer one query: from its text where its parser can read that."""
        tree, searcher = self._tree(query), self._searcher
        found = searcher.search(tree, BEST)
        documents = [searcher.doc(address) for _, address in found.hits]
        if "by" in query:
            searcher.aggregate(
                tree,
                {
                    "by": {
                        "terms": {
                            "field": {"methods": "method"}.get(query["by"], query["by"]),
                            "size": 1000,
                        }
                    }
                },
            )
        if query["type"] == "snippet":
            generator = self._tantivy.SnippetGenerator.create(
                searcher, tree, self.schema, "abstract"
            )
            for document in documents:
                generator.snippet_from_doc(document).to_html()
        return found.count, [document["key"][0] for document in documents]

    def _tree(self, query: Asked) -> Any:
        make, some = self._tantivy.Query, self._tantivy.Occur.Should
        match query["type"]:
            case "prefix":
                return make.boolean_query(
                    [
                        (
                            some,
                            make.fuzzy_term_query(
                                self.schema, name, query["prefix"], 0, prefix=True
                            ),
                        )
                        for name in _TEXTS
                    ]
                )
            case "fuzzy":
                return self._index.parse_query(
                    query["term"],
                    list(_TEXTS),
                    fuzzy_fields=dict.fromkeys(_TEXTS, (False, 1, True)),
                )
        return self._index.parse_query(written(query), list(_TEXTS))

    def change(self, record: Raw) -> None:
        """Delete and add one document; the writer stays open from the first change on."""
        self._writer = self._writer or self._index.writer(num_threads=1)
        delete = (
            getattr(self._writer, "delete_documents_by_term", None) or self._writer.delete_documents
        )  # the older name
        delete("key", record["key"])
        self._writer.add_document(self._document(record))
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def close(self) -> None:
        """Let go of it."""
        self._index = self._searcher = self._writer = None


ENGINES: dict[str, type[Measured]] = {
    "litrev": Litrev,
    "whoosh": Whoosh,
    "fts5": Fts5,
    "tantivy": Tantivy,
}
