"""The log on Kafka, through aiokafka.

record.py: events as records and back. connection.py: how the cluster is reached. topic.py: the
topic, made or looked at. ends.py: the last records. producing.py: records on their way.
"""
