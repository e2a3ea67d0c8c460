"""The tables of a library, and the steps from each version of them to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from litrev.library.storage.on_commit import note_duplicate_keys

Migration = Callable[[sqlite3.Connection], None]

APPLICATION_ID = 0x4C495452  # "LITR": how `file` and litrev tell a library from another SQLite file

# SQLite stores the text of CREATE statements word for word in the file, comments and blanks too. So
# these scripts are never laid out anew, and keep their long lines.

INITIAL_SCHEMA = """
CREATE TABLE library (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    id       TEXT NOT NULL,
    epoch    TEXT NOT NULL,             -- changes when a backup is restored
    revision INTEGER NOT NULL,          -- raised by every write
    codebook INTEGER NOT NULL,          -- the codebook version in force
    created  TEXT NOT NULL
) STRICT;

CREATE TABLE operation (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    actor    TEXT NOT NULL,
    command  TEXT NOT NULL,
    started  TEXT NOT NULL,
    finished TEXT,                      -- null while long work is interrupted
    undoes   TEXT REFERENCES operation (id)
) STRICT;

CREATE TABLE change (                   -- each slot an operation touched: before and after, as JSON
    seq       INTEGER PRIMARY KEY,
    operation INTEGER NOT NULL REFERENCES operation (seq),
    revision  INTEGER NOT NULL,
    record_id TEXT NOT NULL,            -- empty for what belongs to no record
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    before    TEXT NOT NULL,
    after     TEXT NOT NULL
) STRICT;
CREATE INDEX change_operation ON change (operation);
CREATE INDEX change_slot ON change (record_id, kind, name);

CREATE TABLE record (
    id            TEXT PRIMARY KEY,
    key           TEXT NOT NULL,
    key_folded    TEXT NOT NULL,
    key_generated INTEGER NOT NULL,
    entry_type    TEXT NOT NULL,
    type_guessed  INTEGER NOT NULL,
    abstract      TEXT,
    abstract_hash TEXT,                 -- of the abstract without surrounding blanks and bars
    created       TEXT NOT NULL,
    seq           INTEGER NOT NULL UNIQUE,
    revision      INTEGER NOT NULL,     -- the library's revision that last touched it
    tombstone     INTEGER               -- the revision that removed it, null while it stands
) STRICT;
CREATE UNIQUE INDEX record_key ON record (key_folded) WHERE tombstone IS NULL;
CREATE INDEX record_revision ON record (revision);
CREATE INDEX record_abstract ON record (abstract_hash);

CREATE TABLE alias (
    key_folded TEXT NOT NULL,
    key        TEXT NOT NULL,
    record_id  TEXT NOT NULL REFERENCES record (id),
    PRIMARY KEY (key_folded, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_record ON alias (record_id);

CREATE TABLE field (
    record_id TEXT NOT NULL REFERENCES record (id),
    name      TEXT NOT NULL,
    position  INTEGER NOT NULL,
    value     TEXT NOT NULL,
    raw       TEXT,                     -- the BibTeX expression it was read from, null once edited
    PRIMARY KEY (record_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag (
    record_id TEXT NOT NULL REFERENCES record (id),
    tag       TEXT NOT NULL,
    PRIMARY KEY (record_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
    id        TEXT PRIMARY KEY,
    record_id TEXT NOT NULL REFERENCES record (id),
    text      TEXT NOT NULL,
    actor     TEXT NOT NULL,
    at        TEXT NOT NULL
) STRICT;
CREATE INDEX note_record ON note (record_id);

CREATE TABLE source (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    locator    TEXT NOT NULL,           -- path relative to the library, empty for a paste
    format     TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    encoding   TEXT NOT NULL,
    bom        INTEGER NOT NULL,
    newline    TEXT NOT NULL,
    supersedes TEXT REFERENCES source (id),
    undone     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX source_locator ON source (locator);
CREATE INDEX source_sha256 ON source (sha256);
CREATE INDEX source_supersedes ON source (supersedes);

CREATE TABLE block (
    source_id TEXT NOT NULL REFERENCES source (id),
    position  INTEGER NOT NULL,
    line      INTEGER NOT NULL,
    kind      TEXT NOT NULL,            -- abstract, entry, string, preamble, comment, gap, failed
    key       TEXT,
    raw       TEXT NOT NULL,
    raw_hash  TEXT NOT NULL,
    record_id TEXT REFERENCES record (id),
    PRIMARY KEY (source_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX block_hash ON block (raw_hash);
CREATE INDEX block_record ON block (record_id);

CREATE VIEW current_source AS
    SELECT * FROM source AS s
    WHERE undone = 0
      AND NOT EXISTS (SELECT 1 FROM source AS later WHERE later.supersedes = s.id AND later.undone = 0);

CREATE TABLE import_run (
    id          TEXT PRIMARY KEY,
    operation   INTEGER REFERENCES operation (seq),  -- null in a run that came from another copy
    actor       TEXT NOT NULL,
    at          TEXT NOT NULL,
    database    TEXT,                   -- where the search was made, if told
    query       TEXT,                   -- and with which words
    read        INTEGER NOT NULL,
    added       INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    unchanged   INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    CHECK (read = added + updated + unchanged + quarantined)
) STRICT;

CREATE TABLE import_source (
    run_id    TEXT NOT NULL REFERENCES import_run (id),
    source_id TEXT NOT NULL REFERENCES source (id),
    PRIMARY KEY (run_id, source_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    id       TEXT PRIMARY KEY,
    seq      INTEGER NOT NULL UNIQUE,
    run_id   TEXT REFERENCES import_run (id),
    kind     TEXT NOT NULL CHECK (kind IN ('unreadable', 'conflict')),
    file     TEXT NOT NULL,
    line     INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    raw      TEXT NOT NULL,
    format   TEXT NOT NULL,
    resolved INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX quarantine_file ON quarantine (file, line);

CREATE TABLE value (                    -- proposals, and what persons entered: made once, never changed
    id         TEXT PRIMARY KEY,
    record_id  TEXT NOT NULL REFERENCES record (id),
    field      TEXT NOT NULL,
    text       TEXT NOT NULL,
    label      TEXT,
    number     INTEGER,
    maker      TEXT NOT NULL,
    confidence REAL NOT NULL,
    made       TEXT NOT NULL
) STRICT;
CREATE INDEX value_record ON value (record_id);
CREATE TRIGGER value_is_immutable BEFORE UPDATE ON value
    BEGIN SELECT RAISE (ABORT, 'a value never changes after it is made'); END;
CREATE TRIGGER value_stays BEFORE DELETE ON value
    BEGIN SELECT RAISE (ABORT, 'a value is never deleted'); END;

CREATE TABLE evidence (                 -- where a value's words stand now; they move when the abstract is edited
    value_id TEXT NOT NULL REFERENCES value (id),
    position INTEGER NOT NULL,
    start    INTEGER NOT NULL,
    "end"    INTEGER NOT NULL,
    quote    TEXT NOT NULL,
    stale    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (value_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE extraction (               -- which proposals stand for a field, and that it was searched at all
    record_id TEXT NOT NULL REFERENCES record (id),
    field     TEXT NOT NULL,
    extractor TEXT NOT NULL,
    value_ids TEXT NOT NULL,            -- a JSON list
    PRIMARY KEY (record_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL UNIQUE,
    operation INTEGER REFERENCES operation (seq),
    actor     TEXT NOT NULL,
    record_id TEXT NOT NULL REFERENCES record (id),
    field     TEXT NOT NULL,
    subject   TEXT NOT NULL,            -- the value it is about, empty for the field as a whole
    verdict   TEXT NOT NULL CHECK (verdict IN ('accept', 'edit', 'reject', 'enter', 'not reported', 'withdraw')),
    value_id  TEXT REFERENCES value (id),
    at        TEXT NOT NULL,
    follows   TEXT REFERENCES decision (id)
) STRICT;
CREATE INDEX decision_record ON decision (record_id, field, subject, actor, seq);
CREATE TRIGGER decision_is_append_only BEFORE UPDATE ON decision
    BEGIN SELECT RAISE (ABORT, 'a decision never changes'); END;
CREATE TRIGGER decision_stays BEFORE DELETE ON decision
    BEGIN SELECT RAISE (ABORT, 'a decision is never deleted'); END;

CREATE VIEW standing AS                 -- each actor's last word on each subject
    SELECT d.* FROM decision AS d
    WHERE d.seq = (SELECT MAX(seq) FROM decision AS e
                   WHERE e.record_id = d.record_id AND e.field = d.field
                     AND e.subject = d.subject AND e.actor = d.actor)
      AND d.verdict <> 'withdraw';

CREATE VIEW consensus AS                -- what the actors together say; disputed where they differ
    SELECT record_id, field, subject, COUNT(*) AS actors, MIN(verdict) AS verdict, MIN(value_id) AS value_id,
           COUNT(DISTINCT verdict || coalesce(value_id, '')) > 1 AS disputed
    FROM standing GROUP BY record_id, field, subject;

CREATE TABLE codebook (
    version    INTEGER PRIMARY KEY,
    definition TEXT NOT NULL,           -- TOML of the person's own fields; the built-in ones come with litrev
    actor      TEXT NOT NULL,
    at         TEXT NOT NULL
) STRICT;
"""  # noqa: E501


def initial_schema(connection: sqlite3.Connection) -> None:
    """The whole data model."""
    _run(connection, INITIAL_SCHEMA)


def _run(connection: sqlite3.Connection, script: str) -> None:
    # executescript would commit what is open; statement by statement, the migration is one
    # transaction.
    for statement in statements(script):
        connection.execute(statement)


def statements(script: str) -> list[str]:
    """``script`` cut into its statements, triggers kept whole."""
    complete: list[str] = []
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        text = "\n".join(lines)
        # The semicolon alone is not enough: the statements inside a trigger end with one too.
        if line.rstrip().endswith(";") and sqlite3.complete_statement(text):
            complete.append(text)
            lines = []
    return complete


FILES_AND_DUPLICATES = """
-- Of a conflict: which record, which of its fields, and the locator of the file.
ALTER TABLE quarantine ADD COLUMN record_id TEXT;
ALTER TABLE quarantine ADD COLUMN field TEXT;
ALTER TABLE quarantine ADD COLUMN locator TEXT;

CREATE TABLE pending_sync (             -- linked files that have not yet been told of a change
    locator TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE unwritten (                -- what could not be written into a file, and is tried again
    locator   TEXT NOT NULL,
    record_id TEXT NOT NULL,
    field     TEXT NOT NULL,
    PRIMARY KEY (locator, record_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE twin (                     -- under which keys records meet that may be one work
    key       TEXT NOT NULL,
    record_id TEXT NOT NULL REFERENCES record (id),
    PRIMARY KEY (key, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX twin_record ON twin (record_id);

CREATE TABLE distinct_pair (            -- two records of which a person said that they are two works
    one   TEXT NOT NULL REFERENCES record (id),
    other TEXT NOT NULL REFERENCES record (id),
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;

-- A row of a table without rowid must fit a quarter of a page, and a block seldom does.
CREATE TABLE block_by_row (
    source_id TEXT NOT NULL REFERENCES source (id),
    position  INTEGER NOT NULL,
    line      INTEGER NOT NULL,
    kind      TEXT NOT NULL,            -- abstract, entry, string, preamble, comment, gap, failed
    key       TEXT,
    raw       TEXT NOT NULL,
    raw_hash  TEXT NOT NULL,
    record_id TEXT REFERENCES record (id),
    UNIQUE (source_id, position)
) STRICT;
INSERT INTO block_by_row SELECT * FROM block ORDER BY source_id, position;
DROP TABLE block;
ALTER TABLE block_by_row RENAME TO block;
CREATE INDEX block_hash ON block (raw_hash);
CREATE INDEX block_record ON block (record_id);

CREATE INDEX field_parent ON field (value) WHERE name IN ('crossref', 'xdata');
"""  # noqa: E501


def files_and_duplicates(connection: sqlite3.Connection) -> None:
    """Conflicts that know their field, files kept in step, records that may be one work."""
    _run(connection, FILES_AND_DUPLICATES)
    rows = connection.execute("SELECT id FROM record").fetchall()
    note_duplicate_keys(connection, {record_id: None for (record_id,) in rows})


SAVED_SEARCHES = """
CREATE TABLE saved_search (             -- queries a person gave a name, for @name in other queries
    name  TEXT PRIMARY KEY,
    query TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


def saved_searches(connection: sqlite3.Connection) -> None:
    """Queries with names."""
    _run(connection, SAVED_SEARCHES)


# The version of a library is how many of these it has been through: new ones come last, and none is
# ever changed or taken out.
MIGRATIONS: tuple[Migration, ...] = (initial_schema, files_and_duplicates, saved_searches)
