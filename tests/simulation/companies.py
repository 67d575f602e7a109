"""The companies of these tests: seed, steps, shape, and how busy people are between two syncs (``run.drawn``)."""

SMALL = (3, 150, "people", 1)  # where a pipeline without a defence is caught, and the whole one lives on
LARGE = ((1, 3000, "people", 8), (1, 1000, "money", 8), (1, 1000, "visits", 8))
