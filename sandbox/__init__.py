"""The twins: local stand-ins for the vendors' APIs, one process, loopback only.

A twin is built from the vendor's published facts and knows nothing of Plumbline's connectors, so
that the two can disagree.
"""
