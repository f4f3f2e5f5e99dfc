"""What stands in a hosted zone: Route 53's listing, a zone file or a transfer."""
