"""The SQLite file: schema, transactions, operations that can be undone; all SQL is here."""
