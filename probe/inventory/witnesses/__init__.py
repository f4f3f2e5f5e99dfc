"""The clusters and Route 53 as witnesses of the daemon: read again and again, in threads of their own."""
