"""Prometheus' recording and alerting rules, made from the catalogue of findings."""
