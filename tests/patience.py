"""How long a test waits for what must come, before it says that it never will."""

HANG = 180.0
"""Seconds without what is waited for after which it counts as hanging, on however busy a machine: two workers of ten
have had none of its time for half a minute. A test that passes never waits for this, and one whose process ends is told
at once."""
