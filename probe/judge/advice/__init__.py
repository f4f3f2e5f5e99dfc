"""What is advised about each finding that ExternalDNS, or the hosted zone, has to do with.

The rules that all of it follows, and that tests/remedies plays, step by step, for each pair of versions:

- Who may delete gets `--policy=upsert-only` before anything else changes: an ExternalDNS that is left alone, or that
  reads other names, flags or annotations from then on, deletes what it has no object for. By that nothing is lost.
- An ExternalDNS is stopped only while every other one deletes nothing, and after it has brought back what was deleted.
- What is expected says which side's is stopped. While a domain moves, people decide: nothing is stopped before.
- An owner is corrected, and a TXT deleted, only after whoever acts by it has been stopped or deletes nothing.
"""
