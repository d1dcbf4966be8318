"""Which one-line faults of the product its tests notice: `python -m tests.mutation`."""
