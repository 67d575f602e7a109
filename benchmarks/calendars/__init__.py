"""Scripts in which people and programs work on the same appointments: ours beside vdirsyncer, on Radicale.

``python -m benchmarks.calendars`` runs them for real and prints one table of what was kept.
"""
