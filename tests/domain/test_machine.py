"""Random lifecycles of orders, each step held to the oracle."""

import os

from hypothesis import HealthCheck, settings

from tests.domain.machine import Lifecycle

TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(
    max_examples=int(os.environ.get("DAYBOOK_LIFECYCLES", "120")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
