"""Table, matrix, figures, comparison and draft, made of records and cells."""
