"""The log on an EventStoreDB server, through esdbclient.

connection.py: the client, and when it is made anew. appending.py, reading.py, follower.py: the
three things done with it. answers.py: events from the wire. faults.py: what errors mean. store.py:
the port. probe.py: for check.
"""

import os

# gRPC's core writes to standard error by itself, past all logging; set it to see why.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

from eventstore.eventstoredb.connection import Timing
from eventstore.eventstoredb.probe import probe
from eventstore.eventstoredb.store import EventStoreDb

__all__ = ["EventStoreDb", "Timing", "probe"]
