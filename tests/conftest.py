import os

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.contracts", "tests.specification")

# A shared machine is slow now and then; what a test may cost is bounded by examples, not by time.
settings.register_profile(
    "ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("dev", settings.get_profile("ci"), max_examples=50)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
