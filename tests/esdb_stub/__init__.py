"""A small in-memory server of EventStoreDB's protocol, for tests: a protocol stub, not the server.

Held to recorded answers of a real 23.10 node (tests/eventstore/test_esdb_truth.py). What was never
asked of a real one it refuses with UNIMPLEMENTED.
"""
