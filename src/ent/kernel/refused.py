"""What an action raises when what was asked cannot be done."""


class Refused(Exception):
    """Why it cannot be done, in French, as it is said to the one who asked."""
