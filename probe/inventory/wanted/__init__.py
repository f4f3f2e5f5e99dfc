"""What a cluster wants: its ExternalDNS with their flags, and the hosts that each of them would write."""
