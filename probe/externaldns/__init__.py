"""What an ExternalDNS does, by its version and flags: plans and writes as recorded runs of the real one do."""
