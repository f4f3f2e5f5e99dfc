"""The walk from the root to the servers of a zone, parent and child compared."""
