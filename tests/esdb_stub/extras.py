"""Messages that servers have sent to subscriptions although nothing had happened, some harmful.

Numbers are issues of KurrentDB. Set one as a stub's `extras`.
"""

from collections.abc import Sequence

from esdbclient.protos.Grpc import streams_pb2

from tests.esdb_stub.log import Log
from tests.esdb_stub.messages import caught_up, checkpoint

ALL_ONES = 2**64 - 1


def caught_up_again(log: Log) -> Sequence[streams_pb2.ReadResp]:
    """Newer servers say it each time they have caught up."""
    return [caught_up()]


def checkpoint_at_the_end(log: Log) -> Sequence[streams_pb2.ReadResp]:
    """#4970: the next event gets this position; who resumes behind it never sees that event."""
    return [checkpoint(log.end)]


def checkpoint_of_all_ones(log: Log) -> Sequence[streams_pb2.ReadResp]:
    """#4892: no position at all."""
    return [checkpoint(ALL_ONES)]


def checkpoint_of_long_ago(log: Log) -> Sequence[streams_pb2.ReadResp]:
    """#3697: a position that was passed already."""
    return [checkpoint(log.events[0].position)]
