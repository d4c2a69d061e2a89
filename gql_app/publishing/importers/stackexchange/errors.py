"""What can go wrong with a dump, as a whole and row by row."""


class StackExchangeError(Exception):
    """The import can't be done; the message says why. Nothing was written."""


class DroppedError(Exception):
    """One row can't be kept; the message is the reason that the report counts."""
