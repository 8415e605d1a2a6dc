"""The topic: created if allowed and missing, and checked for settings that may lose records."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]
from aiokafka.admin.config_resource import (  # type: ignore[import-untyped]
    ConfigResource,
    ConfigResourceType,
)
from aiokafka.errors import (  # type: ignore[import-untyped]
    KafkaConnectionError,
    KafkaError,
    TopicAlreadyExistsError,
)
from aiokafka.errors import for_code as error_for

from eventstore.relay.bus import BusUnavailable
from eventstore.relay.kafka.connection import client_options, end, unavailable, words
from eventstore.relay.kafka.diagnose import diagnose_connection
from runtime.settings import Settings, variable
from runtime.urls import KafkaUrl

ASK_S: Final = 15.0
SETTLE_S: Final = 10.0
"""How long it may take until every partition of a new topic has a leader."""
PAUSE_S: Final = 0.1
HOUR_MS: Final = 3_600_000
FOR_EVER: Final = -1


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """The topic as it should be. retention_ms: how long a record is kept; FOR_EVER for no limit."""

    name: str
    may_create: bool
    partitions: int
    replication: int
    min_insync: int
    retention_ms: int

    @classmethod
    def of(cls, settings: Settings) -> "TopicPlan":
        hours = settings.topic_retention_h
        return cls(
            settings.topic,
            settings.topic_create,
            settings.topic_partitions,
            settings.topic_replication,
            settings.topic_min_insync,
            hours * HOUR_MS if hours else FOR_EVER,
        )

    @property
    def config(self) -> Mapping[str, str]:
        return {
            "cleanup.policy": "delete",
            "min.insync.replicas": str(self.min_insync),
            "retention.ms": str(self.retention_ms),
        }

    def command(self, url: KafkaUrl) -> str:
        """The shell command that creates it."""
        parts = [
            f"kafka-topics.sh --bootstrap-server {','.join(url.servers)} --create",
            f"--topic {self.name} --partitions {self.partitions}",
            f"--replication-factor {self.replication}",
            *(f"--config {name}={value}" for name, value in self.config.items()),
        ]
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class TopicFound:
    """A topic that exists. dangers: a sentence for each setting that may lose records."""

    partitions: int
    dangers: tuple[str, ...]


async def ensure_topic(url: KafkaUrl, plan: TopicPlan) -> TopicFound:
    """The topic, created if missing. Raises BusUnavailable with what to do."""
    async with _asking(url, plan) as admin:
        described = await _described(admin, plan.name)
        if described is None:
            await _create(admin, url, plan)
            described = await _settled(admin, plan.name)
        return await _found(admin, plan, described)


async def describe_topic(url: KafkaUrl, plan: TopicPlan) -> TopicFound | None:
    """The topic; None if there is none yet. Raises BusUnavailable with what to do."""
    async with _asking(url, plan) as admin:
        described = await _described(admin, plan.name)
        return None if described is None else await _found(admin, plan, described)


@asynccontextmanager
async def _asking(url: KafkaUrl, plan: TopicPlan) -> AsyncIterator[Any]:
    with unavailable(url, f"topic {plan.name}"):
        async with asyncio.timeout(ASK_S):
            admin = AIOKafkaAdminClient(**client_options(url))
            try:
                await _start(admin, url)
                yield admin
            finally:
                await end(admin.close())


async def _start(admin: Any, url: KafkaUrl) -> None:
    try:
        await admin.start()
    except KafkaConnectionError as error:
        why = await diagnose_connection(url)
        if not why:
            raise
        raise BusUnavailable(f"Kafka cannot be reached: {why}") from error


async def _found(admin: Any, plan: TopicPlan, described: list[dict[str, Any]]) -> TopicFound:
    config = await _config(admin, plan.name)
    replicas = min(len(partition["replicas"]) for partition in described)
    return TopicFound(len(described), tuple(_dangers(plan, config, replicas)))


async def _described(admin: Any, name: str) -> list[dict[str, Any]] | None:
    """Its partitions; None if there is no such topic.

    From the list of all topics: asking for one by name creates it on a cluster with automatic topic
    creation.
    """
    for topic in await admin.describe_topics():
        if topic["topic"] == name and topic["partitions"]:
            partitions: list[dict[str, Any]] = topic["partitions"]
            return partitions
    return None


async def _settled(admin: Any, name: str) -> list[dict[str, Any]]:
    async with asyncio.timeout(SETTLE_S):
        while True:
            described = await _described(admin, name)
            if described and all(partition["leader"] >= 0 for partition in described):
                return described
            await asyncio.sleep(PAUSE_S)


async def _create(admin: Any, url: KafkaUrl, plan: TopicPlan) -> None:
    if not plan.may_create:
        raise BusUnavailable(
            f"there is no topic {plan.name}, and {variable('topic_create')} is false: "
            f"create it with\n  {plan.command(url)}"
        )
    wanted = NewTopic(plan.name, plan.partitions, plan.replication, topic_configs=dict(plan.config))
    answer = await admin.create_topics([wanted])
    _, code, *message = answer.topic_errors[0]
    error = error_for(code)
    if code and error is not TopicAlreadyExistsError:
        raise BusUnavailable(
            f"topic {plan.name} cannot be created ({words(error(*filter(None, message)))}). With "
            f"fewer brokers than {plan.replication} set {variable('topic_replication')} and "
            f"{variable('topic_min_insync')}; without that right, let it be created with\n"
            f"  {plan.command(url)}"
        )


async def _config(admin: Any, name: str) -> Mapping[str, str]:
    """Its settings; empty if this user may not read them."""
    try:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        _, _, _, _, entries = answer.resources[0]
    except (KafkaError, ValueError, IndexError):
        return {}
    return {entry[0]: entry[1] for entry in entries}


def _dangers(plan: TopicPlan, config: Mapping[str, str], replicas: int) -> Iterator[str]:
    name = f"topic {plan.name}"
    if "compact" in config.get("cleanup.policy", ""):
        yield f"{name} keeps only the last event of an order; set cleanup.policy=delete"
    if replicas < plan.replication:
        yield f"{name} has {replicas} of {plan.replication} copies; add replicas"
    if int(config.get("min.insync.replicas", plan.min_insync)) < plan.min_insync:
        yield f"{name} acknowledges too early; set min.insync.replicas={plan.min_insync}"
    retention_ms = int(config.get("retention.ms", plan.retention_ms))
    if retention_ms != FOR_EVER and not 0 <= plan.retention_ms <= retention_ms:
        yield f"{name} forgets too soon; set retention.ms={plan.retention_ms}"
    if config.get("unclean.leader.election.enable") == "true":
        yield f"{name} may lose records; set unclean.leader.election.enable=false"
