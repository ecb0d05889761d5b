"""Readers of a release: they open nothing else."""
