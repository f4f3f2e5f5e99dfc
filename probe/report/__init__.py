"""The sign-off report of a soak: what held, for how long, who watched, and what nobody can know."""
