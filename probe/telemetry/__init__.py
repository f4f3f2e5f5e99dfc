"""Telling machines: Prometheus metrics and structured logs."""
