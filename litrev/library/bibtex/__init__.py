"""BibTeX: bytes to blocks to entries to records, and back."""
