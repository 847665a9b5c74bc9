"""Execution modules: thin adapters between Salt and the pure packages."""
