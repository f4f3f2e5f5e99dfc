"""The web configuration file: its schema, and how it is loaded."""
