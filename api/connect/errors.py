"""Errors as Connect and gRPC-Web answer them: the same codes and details as of gRPC."""

from collections.abc import Mapping
from typing import Final

from connectrpc.code import Code as ConnectCode
from connectrpc.errors import ConnectError

from api.rpc.errors import Code, Failure, failure_of

CODES: Final[Mapping[Code, ConnectCode]] = {
    code: ConnectCode["CANCELED" if code is Code.CANCELLED else code.name]
    for code in Code
    if code is not Code.OK
}


def connect_error(error: Exception) -> ConnectError:
    """Of any error. An unknown one is logged, under the incident that is answered."""
    return as_connect(failure_of(error))


def as_connect(failure: Failure) -> ConnectError:
    return ConnectError(CODES[failure.code], failure.message, failure.details)
