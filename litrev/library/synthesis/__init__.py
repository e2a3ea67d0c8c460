"""Rows and columns of cells with evidence: tables and summaries."""
