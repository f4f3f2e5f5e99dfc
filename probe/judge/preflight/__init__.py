"""Would a wave's move go well: checks before it starts."""
