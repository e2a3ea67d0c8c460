"""What is known, kept in one SQLite file. Knows no terminal, no Whoosh, no click and no rich."""
