"""The revisions of the ledger's tables, oldest first; ``pipelines.ledger.schema`` runs them when a ledger is opened."""
