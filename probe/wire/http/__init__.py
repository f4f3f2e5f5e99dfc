"""HTTPS checks at pinned addresses."""
