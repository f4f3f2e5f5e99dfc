"""From two clusters and a zone to a plan: waves, expectations, what is wrong already, and what a plan lacks."""
