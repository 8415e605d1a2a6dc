"""The topic on a real broker: created, described, and never created unasked."""

from dataclasses import replace

import pytest

from eventstore.relay.bus import BusUnavailable
from eventstore.relay.kafka.topic import FOR_EVER, TopicPlan, ensure_topic
from runtime.settings import Settings
from runtime.urls import parse_kafka_url
from tests.parts.mock_kafka import mock_kafka
from tests.parts.topics import make_topic

pytestmark = pytest.mark.e2e

HOUR_MS = 3_600_000


@pytest.fixture
def plan(topic: str) -> TopicPlan:
    return TopicPlan(topic, True, 4, 1, 1, 24 * HOUR_MS)


async def test_a_topic_is_created_as_planned_and_then_used_as_it_is(
    kafka_url: str, plan: TopicPlan
) -> None:
    url = parse_kafka_url(kafka_url)
    for _ in range(2):
        found = await ensure_topic(url, plan)
        assert (found.partitions, found.dangers) == (4, ())
    # If it were created differently, these plans would report dangers.
    assert (await ensure_topic(url, replace(plan, retention_ms=25 * HOUR_MS))).dangers
    assert not (await ensure_topic(url, replace(plan, partitions=9))).dangers


async def test_a_topic_without_retention_is_created_without_retention(
    kafka_url: str, plan: TopicPlan
) -> None:
    url = parse_kafka_url(kafka_url)
    plan = replace(plan, retention_ms=FOR_EVER)
    assert (await ensure_topic(url, plan)).dangers == ()
    assert (await ensure_topic(url, plan)).dangers == ()


async def test_settings_of_a_topic_that_may_lose_records_are_reported_with_what_to_set(
    kafka_url: str, plan: TopicPlan
) -> None:
    await make_topic(
        kafka_url,
        plan.name,
        cleanup_policy="compact",
        retention_ms="1000",
        unclean_leader_election_enable="true",
    )
    wanted = replace(plan, replication=3, min_insync=2)
    dangers = (await ensure_topic(parse_kafka_url(kafka_url), wanted)).dangers
    assert [danger.rpartition("; ")[2] for danger in dangers] == [
        "set cleanup.policy=delete",
        "add replicas",
        "set min.insync.replicas=2",
        "set retention.ms=86400000",
        "set unclean.leader.election.enable=false",
    ]
    assert all(plan.name in danger for danger in dangers)


async def test_a_topic_that_may_not_be_created_is_reported_with_the_command(
    kafka_url: str, plan: TopicPlan
) -> None:
    url = parse_kafka_url(kafka_url)
    for _ in range(2):
        with pytest.raises(BusUnavailable) as caught:
            await ensure_topic(url, replace(plan, may_create=False))
    assert str(caught.value).splitlines()[-1].strip() == (
        f"kafka-topics.sh --bootstrap-server {url.shown} --create --topic {plan.name} "
        "--partitions 4 --replication-factor 1 --config cleanup.policy=delete "
        "--config min.insync.replicas=1 --config retention.ms=86400000"
    )


async def test_more_copies_than_brokers_are_reported_with_the_settings(
    kafka_url: str, plan: TopicPlan
) -> None:
    with pytest.raises(BusUnavailable, match="DAYBOOK_TOPIC_REPLICATION"):
        await ensure_topic(parse_kafka_url(kafka_url), replace(plan, replication=99))


async def test_an_unreachable_cluster_is_reported() -> None:
    plan = TopicPlan("t", True, 1, 1, 1, FOR_EVER)
    with pytest.raises(BusUnavailable, match=r"127\.0\.0\.1:9: no process listens there"):
        await ensure_topic(parse_kafka_url("kafka://127.0.0.1:9"), plan)


async def test_a_cluster_that_hides_its_settings_is_still_used() -> None:
    with mock_kafka(1) as mock:
        mock.make_topic("t", partitions=3)
        plan = TopicPlan("t", False, 1, 1, 1, FOR_EVER)
        found = await ensure_topic(parse_kafka_url(mock.url), plan)
    assert (found.partitions, found.dangers) == (3, ())


def test_the_plan_follows_the_settings() -> None:
    settings = Settings(topic="t", topic_retention_h=0, topic_create=False)
    assert TopicPlan.of(settings) == TopicPlan("t", False, 6, 3, 2, FOR_EVER)
    assert TopicPlan.of(Settings(topic_retention_h=2)).retention_ms == 2 * HOUR_MS
