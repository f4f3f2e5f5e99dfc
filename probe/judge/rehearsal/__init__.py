"""The move, played before the night by the models of ExternalDNS and Route 53."""
