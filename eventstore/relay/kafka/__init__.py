"""The log on Kafka, through aiokafka.

producing: the bus and its publisher. record: events as records and back. topic: created or
described. offsets: the last records of the partitions. connection: options and errors. diagnose:
why a cluster cannot be reached.
"""
