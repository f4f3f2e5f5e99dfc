"""The life of the process: clock, schedule, engine, daemon."""
