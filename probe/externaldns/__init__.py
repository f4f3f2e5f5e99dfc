"""An ExternalDNS of the lab's own: plans and writes, version by version, as recorded runs of the real one do."""
