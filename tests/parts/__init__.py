"""The real servers that the tests, the benchmarks and `make stack` start; no pytest in here."""
