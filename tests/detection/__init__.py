"""The detection benchmark: simulated truth, what the judge says of it, and what three usual detectors would say."""
