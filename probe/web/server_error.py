"""What keeps HTTP from being served, apart from the server: a command that serves nothing need not load one."""


class ServerError(Exception):
    """HTTP cannot be served; the message is a sentence for the user."""
