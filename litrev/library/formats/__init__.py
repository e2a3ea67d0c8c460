"""One foreign format a file: text to works, records with their cells to text. Knows no storage."""
