"""A simulated Route 53 and ExternalDNS on loopback: the embedded default and the tests' world."""
