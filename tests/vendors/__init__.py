"""Holding every request and every answer against the vendors' own descriptions."""
