"""What caches may still hold, and how a change arrived everywhere."""
