"""Manifests to values: YAML in bounds, with the line of each value, and nothing dropped without a word."""
