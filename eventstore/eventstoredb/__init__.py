"""The log on an EventStoreDB server, through esdbclient.

connection.py: the client, and when it is made anew. appending.py, reading.py, following.py: the
three things done with it. faults.py: what its errors mean. store.py: the port. probe.py: for check.
"""

from eventstore.eventstoredb.connection import Timing
from eventstore.eventstoredb.probe import probe
from eventstore.eventstoredb.store import EventStoreDb

__all__ = ["EventStoreDb", "Timing", "probe"]
