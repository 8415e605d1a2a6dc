"""librdkafka's mock cluster, for faults by script: what a real broker does only when it is ill.

Not faithful in all: no gap in a producer's sequence is refused, topics cannot be created over the
wire, and nothing is on a disk.
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any

import confluent_kafka

EVERY_BROKER = -1
NO_BROKER = -1
_PRODUCER = 0
_ERROR_MAX = 512


class Api(IntEnum):
    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    JOIN_GROUP = 11
    HEARTBEAT = 12
    INIT_PRODUCER_ID = 22


class Code(IntEnum):
    """What a broker can answer."""

    DISCONNECT = -195
    OFFSET_OUT_OF_RANGE = 1
    UNKNOWN_TOPIC_OR_PARTITION = 3
    LEADER_NOT_AVAILABLE = 5
    NOT_LEADER = 6
    REQUEST_TIMED_OUT = 7
    MESSAGE_TOO_LARGE = 10
    NETWORK_EXCEPTION = 13
    COORDINATOR_NOT_AVAILABLE = 15
    NOT_ENOUGH_REPLICAS = 19
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20
    OUT_OF_ORDER_SEQUENCE = 45
    DUPLICATE_SEQUENCE = 46
    INVALID_PRODUCER_EPOCH = 47
    STORAGE_ERROR = 56
    UNKNOWN_PRODUCER_ID = 59


class MockKafka:
    """Brokers 1 to `brokers`. A fault holds until it is taken back, or for the requests named."""

    def __init__(self, brokers: int = 3) -> None:
        self._library = _library()
        error = ctypes.create_string_buffer(_ERROR_MAX)
        configuration = ctypes.c_void_p(self._library.rd_kafka_conf_new())
        self._library.rd_kafka_conf_set(configuration, b"log_level", b"0", error, _ERROR_MAX)
        self._handle = ctypes.c_void_p(
            self._library.rd_kafka_new(_PRODUCER, configuration, error, _ERROR_MAX)
        )
        assert self._handle, error.value.decode()
        self._cluster = ctypes.c_void_p(
            self._library.rd_kafka_mock_cluster_new(self._handle, brokers)
        )
        assert self._cluster, "the mock cluster cannot be made"
        bootstraps: bytes = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster)
        self.bootstrap = bootstraps.decode()
        self.url = f"kafka://{self.bootstrap}"

    def make_topic(self, topic: str, partitions: int, replication: int = 1) -> None:
        self._do("topic_create", topic.encode(), partitions, replication)

    def fail(self, api: Api, *codes: Code) -> None:
        """The next requests of the kind are answered so, one code each, and not carried out."""
        array = (ctypes.c_int * len(codes))(*codes)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, ctypes.c_int16(api), ctypes.c_size_t(len(codes)), array
        )

    def forget_faults(self, api: Api) -> None:
        self._library.rd_kafka_mock_clear_request_errors(self._cluster, ctypes.c_int16(api))

    def fail_topic(self, topic: str, code: int) -> None:
        """What metadata says of the topic; 0: nothing is wrong with it any more."""
        self._library.rd_kafka_mock_topic_set_error(self._cluster, topic.encode(), code)

    def down(self, broker: int = EVERY_BROKER) -> None:
        self._do("broker_set_down", broker)

    def up(self, broker: int = EVERY_BROKER) -> None:
        self._do("broker_set_up", broker)

    def delay(self, ms: int, broker: int = EVERY_BROKER) -> None:
        """Every answer comes so much later; 0: at once again."""
        self._do("broker_set_rtt", broker, ms)

    def lead(self, topic: str, partition: int, broker: int) -> None:
        """Another leader for the partition, or NO_BROKER."""
        self._do("partition_set_leader", topic.encode(), partition, broker)

    def close(self) -> None:
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._handle)

    def _do(self, name: str, *arguments: object) -> None:
        code = getattr(self._library, f"rd_kafka_mock_{name}")(self._cluster, *arguments)
        assert code == 0, f"{name}{arguments} is answered {code}"


@contextmanager
def mock_kafka(brokers: int = 3) -> Iterator[MockKafka]:
    mock = MockKafka(brokers)
    try:
        yield mock
    finally:
        mock.close()


def _library() -> Any:
    """The one that confluent-kafka brings along."""
    package = Path(confluent_kafka.__file__).parent
    beside: Sequence[Path] = sorted((package.parent / "confluent_kafka.libs").glob("librdkafka*"))
    within: Sequence[Path] = sorted(package.glob(".dylibs/librdkafka*"))
    library = ctypes.CDLL(str([*beside, *within][0]))
    library.rd_kafka_conf_new.restype = ctypes.c_void_p
    library.rd_kafka_conf_set.argtypes = [
        *(ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t)
    ]
    library.rd_kafka_new.restype = ctypes.c_void_p
    library.rd_kafka_new.argtypes = [
        *(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
    ]
    library.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    return library
