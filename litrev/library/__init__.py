"""What is known: records, their abstracts, sources, values and decisions, kept in one SQLite file."""
