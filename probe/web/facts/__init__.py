"""The facts as JSON: one model for each, which reads the values of `probe.model` by attribute."""
