"""What the answers mean: pure functions over frozen values."""
