"""What the client's errors mean: whether a request was sent, and what to do about the error."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import grpc
import grpc.aio
from esdbclient import exceptions as esdb
from esdbclient.common import handle_rpc_error


class NotReady(esdb.EventStoreDBClientException):
    """The server's answer to an append while it starts or has no leader."""


CLOSED_AFTER_HANDSHAKE: Final = "closed after the TLS handshake"
"""What a server does that does not accept the client's certificate, or expects one."""

ERRORS: Final = (
    esdb.EventStoreDBClientException,
    grpc.RpcError,
    grpc.aio.UsageError,  # the channel was closed under a call
    TimeoutError,
)
"""All that a call can raise."""


@contextmanager
def distinguish_client_cancellation() -> Iterator[None]:
    """Within the block, CancelledError means that the task was cancelled.

    A call whose channel was closed raises it too; here it raises CancelledByClient instead.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        yield
    except asyncio.CancelledError:
        if task and task.cancelling() > before:
            raise
        raise esdb.CancelledByClient("the call was ended on this side") from None


def error_of_call(error: grpc.RpcError) -> Exception:
    """The error of esdbclient for how a call ended."""
    if error.code() is grpc.StatusCode.FAILED_PRECONDITION and "is deleted" in str(error.details()):
        return esdb.StreamIsDeleted()
    found: Exception = handle_rpc_error(error)
    return found


def code_of(error: Exception) -> grpc.StatusCode | None:
    """The status of the gRPC call that failed, if the error contains it."""
    inner = error.args[0] if error.args else None
    return inner.code() if isinstance(inner, grpc.aio.AioRpcError) else None


def was_not_sent(error: Exception) -> bool:
    """Whether the request cannot have had an effect and never will."""
    return any(kind.applies(error) for kind in _KINDS if kind.not_sent)


def is_denied(error: Exception) -> bool:
    """Whether the user lacks a right."""
    return (
        isinstance(error, esdb.AccessDeniedError)
        or code_of(error) is grpc.StatusCode.PERMISSION_DENIED
    )


def is_misconfigured(error: Exception) -> bool:
    """Whether a person has to correct the settings, here or at the server."""
    kind = _kind_of(error)
    return kind is not None and kind.settings


def advice(error: Exception, shown: str) -> str:
    """A sentence: what is wrong with the server `shown`, and what to do."""
    kind = _kind_of(error)
    if kind is not None:
        return kind.sentence.format(server=shown, leader=_leader(error))
    return f"{shown}: {type(error).__name__}: {error}; see the server's log"


def _kind_of(error: Exception) -> "_Kind | None":
    if isinstance(error, esdb.DiscoveryFailed) and isinstance(error.__cause__, Exception):
        # Of the node that was asked last. That it is down is less than that no leader is found.
        cause = _kind_of(error.__cause__)
        if cause is not None and cause.settings:
            return cause
    return next((kind for kind in _KINDS if kind.applies(error)), None)


def _leader(error: Exception) -> str:
    """The leader's address, as a node that is not the leader reports it."""
    found = error.leader_grpc_target if isinstance(error, esdb.NodeIsNotLeader) else None
    return found or "another node"


class _Kind:
    def __init__(
        self,
        applies: Callable[[Exception], bool],
        sentence: str,
        *,
        not_sent: bool,
        settings: bool = False,
    ) -> None:
        """settings: a person has to correct them; waiting does not help."""
        self.applies = applies
        self.sentence = sentence
        self.not_sent = not_sent
        self.settings = settings


def _is(*types: type[Exception]) -> Callable[[Exception], bool]:
    return lambda error: isinstance(error, types)


def _details_contain(*fragments: str) -> Callable[[Exception], bool]:
    """A ServiceUnavailable with one of these fragments in gRPC's details."""
    return lambda error: (
        isinstance(error, esdb.ServiceUnavailable)
        and any(fragment in _text(error) for fragment in fragments)
    )


def _text(error: Exception) -> str:
    inner = error.args[0] if error.args else ""
    return str(inner.details()) if isinstance(inner, grpc.aio.AioRpcError) else str(inner)


def _has_code(*codes: grpc.StatusCode) -> Callable[[Exception], bool]:
    return lambda error: code_of(error) in codes


_KINDS: Final = (
    _Kind(
        _has_code(grpc.StatusCode.UNAUTHENTICATED),
        "{server} rejects the user or the password: correct them in DAYBOOK_STORE",
        not_sent=True,
        settings=True,
    ),
    _Kind(
        is_denied,
        "{server} does not allow this user to do that: grant it read and write on the streams "
        "order-* and daybook-*, and read on $all",
        not_sent=True,
    ),
    _Kind(
        _details_contain("WRONG_VERSION_NUMBER", "first record does not look like a TLS"),
        "{server} does not use TLS: add ?Tls=false, or configure the server with certificates",
        not_sent=True,
        settings=True,
    ),
    _Kind(
        _details_contain("Hostname mismatch", "IP address mismatch", "is not in peer certificate"),
        "{server} has a certificate of another name: name it in DAYBOOK_STORE as the certificate "
        "does, and in a cluster let each node advertise a name that is in its certificate",
        not_sent=True,
        settings=True,
    ),
    _Kind(
        _details_contain("certificate has expired"),
        "{server} has a certificate that has expired: renew it",
        not_sent=True,
    ),
    _Kind(
        _details_contain("CERTIFICATE_VERIFY_FAILED", "unable to get local issuer"),
        "{server} has a certificate that is not trusted here: set the authority that signed it "
        "with TlsCaFile=<path>",
        not_sent=True,
        settings=True,
    ),
    _Kind(
        # Before or after the handshake, by the version of TLS.
        _details_contain(
            "ALERT_UNKNOWN_CA",
            "ALERT_BAD_CERTIFICATE",
            "ALERT_CERTIFICATE",
            "CERTIFICATE_REQUIRED",
            CLOSED_AFTER_HANDSHAKE,
        ),
        "{server} ends the connection after the TLS handshake: it expects a certificate of the "
        "client that is signed by an authority it trusts: set UserCertFile and UserKeyFile, or "
        "correct them (or a proxy in between cannot reach the server)",
        not_sent=True,
        settings=True,
    ),
    _Kind(
        lambda error: (
            isinstance(error, esdb.SSLError) or _details_contain("handshake failed")(error)
        ),
        "{server}: the TLS handshake failed: compare Tls= with the server's settings",
        not_sent=True,
    ),
    _Kind(
        _details_contain("DNS resolution failed", "Name or service not known"),
        "{server}: the host name cannot be resolved: correct the host in DAYBOOK_STORE",
        not_sent=True,
    ),
    _Kind(
        # A connection that is accepted and closed before it is established.
        lambda error: (
            _details_contain("failed to connect")(error)
            and _details_contain("Socket closed")(error)
        ),
        "{server} closes new connections: it is starting or stopping, or expects TLS (then "
        "remove Tls=false)",
        not_sent=True,
    ),
    _Kind(
        _details_contain("failed to connect", "Connection refused"),
        "{server} cannot be reached: is it started, are host and port right, and in a cluster, can "
        "the address that the leader advertises be reached from here?",
        not_sent=True,
    ),
    _Kind(
        _is(esdb.NodeIsNotLeader),
        "{server} is not the leader of its cluster, {leader} is: name all nodes in DAYBOOK_STORE, "
        "or use esdb+discover://",
        not_sent=True,
    ),
    _Kind(
        _is(NotReady),
        "{server} is not ready: it is starting, or most nodes of its cluster are down",
        not_sent=False,
    ),
    _Kind(
        _is(esdb.DiscoveryFailed),
        "{server}: no leader is found: are most of the nodes up, and can each be reached from here "
        "by the address it advertises?",
        not_sent=True,
    ),
    _Kind(
        _has_code(grpc.StatusCode.UNIMPLEMENTED),
        "{server} does not support this call: it needs to be EventStoreDB 22.10 or newer",
        not_sent=True,
    ),
    _Kind(
        _is(esdb.DeadlineExceeded, TimeoutError),
        "{server} does not answer in time: is it overloaded, or the network cut?",
        not_sent=False,
    ),
    _Kind(
        _is(esdb.ServiceUnavailable),
        "{server} closed the connection: it is stopping or starting, or the network failed",
        not_sent=False,
    ),
)
