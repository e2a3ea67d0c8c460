"""The embedded engine: Whoosh's file format, written and read a block at a time."""
