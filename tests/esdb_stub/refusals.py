"""What the log or a fault may answer instead of success."""

ANY, NO_STREAM, EXISTS = -2, -1, -4
"""Expected versions besides numbers, as the server writes them in its texts."""


class Refusal(Exception):
    """Nothing was written."""


class WrongVersion(Refusal):
    def __init__(self, expected: int, current: int) -> None:
        super().__init__()
        self.expected = expected
        self.current = current


class StreamDeleted(Refusal):
    def __init__(self, stream: str) -> None:
        super().__init__(f"Event stream '{stream}' is deleted.")


class DeleteRefused(Refusal):
    def __init__(self, stream: str, expected: int, current: int) -> None:
        super().__init__(
            f"Delete failed due to WrongExpectedVersion. Stream: {stream}, "
            f"Expected version: {expected}, Actual version: {current}"
        )


class BadRequest(Refusal):
    pass


class AppendTooLarge(Refusal):
    pass


class MessageTooLarge(Refusal):
    pass


class ReadFailed(Refusal):
    """The server's own reading went wrong (a position beside an event, no limit)."""


class HandlerThrew(Refusal):
    """What the server has no answer for: a bad pattern, a subscription beside an event."""


class NeverAsked(Refusal):
    """No real server was asked this, so the stub does not guess the answer."""


class TimedOut(Refusal):
    """The server gave up waiting for its own write."""


class AccessDenied(Refusal):
    pass


class Unauthenticated(Refusal):
    pass


class Unavailable(Refusal):
    pass


class NotReady(Refusal):
    def __init__(self) -> None:
        super().__init__("Server Is Not Ready")


class ConsumerTooSlow(Refusal):
    pass


class NotLeader(Refusal):
    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self.host = host
        self.port = port
