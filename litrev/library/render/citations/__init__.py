"""Formatted references and annotated bibliographies, by pandoc's citeproc run as a program."""
