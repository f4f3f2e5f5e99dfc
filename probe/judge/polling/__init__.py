"""What to ask next, how often, and what that costs."""
