"""Tables in every format, pictures, the report: one renderer a file behind one registry."""
