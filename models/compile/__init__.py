"""Declarations compiled to SQL, one pass a file, each a pure function that returns sqlglot expressions."""
