"""Manifests and clusters to values: in bounds, with the place of each, and nothing dropped without a word."""
