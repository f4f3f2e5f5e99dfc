"""Who owns a record, in ExternalDNS' words: TXT names, what stands there, and what stood there before."""
