"""The companies of these tests: seed, steps, shape, and how busy people are between two syncs (``run.drawn``)."""

SMALL = (3, 150, "people", 1)  # where a pipeline without a defence is caught, and the whole one lives on
LARGE = ((1, 4000, "people", 16), (1, 1000, "visits", 16))
