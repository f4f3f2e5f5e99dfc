"""Route 53's XML operations over HTTP, as far as ExternalDNS uses them."""
