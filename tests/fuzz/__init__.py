"""A search for messages that break the reader, or keep it busy: `python -m tests.fuzz --messages N`."""
