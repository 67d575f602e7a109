"""A company that lives in memory: people edit, systems misbehave, syncs run, and the laws are checked all the while.

``systems``     in-memory systems with clocks, forms and faults of their own
``connectors``  real connectors over them: maps, reads and writes of every identity
``company``     a real company of these, on the real path from raw to push
``actions``     what may happen next
``oracle``      an account of who edited what when, kept beside the pipeline and knowing nothing of it
``laws``        what must hold after a sync, and at rest
``run``         lives made of steps, from a seed
``variants``    pipelines without one of their defences
"""
