"""Is a domain where its wave expects it, for how long has it been, and may v1 go."""
