"""What the user has to be allowed at the server, and what of it the server refuses."""

import logging
from collections.abc import Callable, Iterable
from typing import Final

from esdbclient.protos.Grpc.streams_pb2 import ReadReq

from eventstore.eventstoredb.requests import PREFIX
from eventstore.port import RIGHTS_MISSING, StoreUnavailable, StreamName

READ_ALL: Final = "read ($r) on $all"
READ_METADATA: Final = f"reading of metadata ($mr) on the streams {PREFIX}*"

WRITE_METADATA: Final = "writing of metadata ($mw) on the streams daybook-*"
"""Not needed: the relay's lease only lets the server drop old entries by it."""

_log = logging.getLogger("daybook.log")


class Denied(StoreUnavailable):
    """The server refuses what the user has no right to."""

    def __init__(self, shown: str, rights: Iterable[str]) -> None:
        """shown: the server."""
        self.rights = sorted(rights)
        named = ", ".join(self.rights)
        super().__init__(
            f"{RIGHTS_MISSING}: {shown} does not allow this user {named}: grant it (see Access in "
            "docs/operations/eventstoredb.md)"
        )


def right_to_read(request: ReadReq) -> str:
    options = request.options
    if options.WhichOneof("stream_option") == "all":
        return READ_ALL
    name = options.stream.stream_identifier.stream_name.decode()
    return READ_METADATA if name.startswith("$$") else f"read ($r) on {_streams(name)}"


def right_to_append(stream: StreamName) -> str:
    return WRITE_METADATA if stream.startswith("$$") else f"write ($w) on {_streams(stream)}"


def _streams(name: str) -> str:
    """Rights are given to all streams of a kind, so they are named by it."""
    return f"the streams {name.partition('-')[0]}-*"


class Rights:
    """Those that the server has refused and not granted since; shared by a store's connections."""

    def __init__(self, shown: str, *, on_refused: Callable[[], object] = lambda: None) -> None:
        """on_refused: called for each that was not known to be missing."""
        self._shown = shown
        self._on_refused = on_refused
        self._missing: set[str] = set()

    @property
    def trouble(self) -> str | None:
        """What is missing, for people; None while nothing is known to be."""
        return str(self._denied()) if self._missing else None

    def refused(self, right: str) -> Denied:
        """Note it, if it is needed. The error to raise."""
        if right not in self._missing and right != WRITE_METADATA:
            self._missing.add(right)
            _log.error("%s", self._denied())
            self._on_refused()
        return Denied(self._shown, (right,))

    def found(self, missing: Iterable[str]) -> None:
        """All rights were tried, and these are missing."""
        for right in sorted(self._missing.difference(missing)):
            _log.info("the server grants again: %s", right)
        self._missing = set(missing)

    def _denied(self) -> Denied:
        return Denied(self._shown, self._missing)
