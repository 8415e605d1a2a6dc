"""A small server of EventStoreDB's protocol, for tests: a protocol stub, not the server.

In a test:              async with stub() as server: ... server.uri   (server.py)
As a process:           python -m tests.esdb_stub --port 0 [--data FILE]   (prints its address)
Faults by rule:         server.hooks.add(Fault.SILENCE, on="append", processed=True, times=2)
Black hole, cut lines:  async with relay(server.port) as between: ... between.freeze()
Lying messages:         server.extras = extras.checkpoint_at_the_end
Cluster, credentials:   server.cluster, server.door.leader, server.door.credentials

Compared with the recorded answers of a real 23.10 node, in
tests/eventstore/eventstoredb/test_stub_probes.py. It refuses with UNIMPLEMENTED what was never sent
to a real one.
"""
