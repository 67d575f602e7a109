"""WHEN things run, and the state: the orchestration, the warehouse, the ledger and the command line."""
