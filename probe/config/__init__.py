"""The plan file: its YAML schema, its errors with file, line and column, its defaults and their reasons."""
