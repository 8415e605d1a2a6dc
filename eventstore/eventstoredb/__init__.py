"""The log on an EventStoreDB server, through esdbclient.

store: the port. connection: the client, and when it is replaced. appender, pages, follower: what is
done with it. last_seen: whether the log lost events. wire: events from gRPC. faults: what errors
mean. lease, decisions: kept in streams beside the orders'. probe, wounds: for check.
"""

import os

# gRPC's core writes to standard error, past all logging. Set the variable to see its messages.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

from eventstore.eventstoredb.connection import Timing
from eventstore.eventstoredb.probe import probe
from eventstore.eventstoredb.store import EventStoreDb
from eventstore.eventstoredb.wounds import wounds

__all__ = ["EventStoreDb", "Timing", "probe", "wounds"]
