"""What ends a command."""


class CommandFailedError(Exception):
    """A command can't do what it is asked to; the message is for its user."""
