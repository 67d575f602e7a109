"""The push beside its peers, in one run on one machine: ``python -m benchmarks.push`` prints one table with ratios."""
