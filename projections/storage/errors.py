"""Why a read model cannot be used."""


class ReadModelError(Exception):
    """A read model cannot be used as it is; the message says what to do next."""


class NotBuilt(ReadModelError):
    """There is no live generation yet."""


class NotLive(ReadModelError):
    """A reader's generation is not the live one, or its connection was closed by the server."""


class Held(ReadModelError):
    """Another process writes this generation."""


class BeingBuilt(ReadModelError):
    """Another process builds the next generation."""


class Unreachable(ReadModelError):
    """The database does not answer."""


class Damaged(ReadModelError):
    """The database does not contain what was written to it."""
