"""The plan file: YAML in, a checked and frozen `probe.model.plan.Plan` out, and every mistake with its place."""
