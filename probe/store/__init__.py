"""Keeping: the journal, an SQLite file from which a watch goes on after a restart and can be judged again."""
