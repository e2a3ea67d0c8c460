"""What can be found: query language, analysis, documents, snippets, the engine protocol, following
the library.
"""
