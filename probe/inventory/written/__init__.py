"""What stands in a hosted zone: an export of Route 53, or a zone file."""
