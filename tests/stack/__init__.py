"""The production topology on one machine, without Docker: `make stack`, and end-to-end tests.

The processes, their commands and settings are those of docker-compose.yml (tests/stack/plan.py). A
real Kafka and a real PostgreSQL are parts of the tests (tests/parts); the log is a SQLite file, or
what DAYBOOK_STORE names.
"""
