"""How to talk to systems: one folder a system, kit modules beside them. dlt and httpx live only here."""
