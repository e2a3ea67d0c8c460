"""BibTeX: bytes to blocks to entries, names, dates and keys, and back without loss."""
