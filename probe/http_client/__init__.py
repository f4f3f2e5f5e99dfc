"""Asking over HTTP of servers that may be hostile: what every client of ours has in common."""
