"""Telling Alertmanager directly: the same alerts as the Prometheus rules make, with the finding's own sentence."""
