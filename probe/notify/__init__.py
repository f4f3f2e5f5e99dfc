"""Telling people directly: Alertmanager the same alerts as the Prometheus rules make, webhooks the same in groups."""
