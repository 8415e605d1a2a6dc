import pytest

from projections.sources import kafka_member

PATIENT_S = 60.0


@pytest.fixture(autouse=True)
def _patient_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is too busy for a heartbeat in three seconds costs nobody its membership."""
    monkeypatch.setattr(kafka_member, "SESSION_S", PATIENT_S)
