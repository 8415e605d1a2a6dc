"""Figures of all orders that a worker measures."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from projections.read_models.payment.tables import ANOMALIES


def open_anomalies(conn: Connection) -> Mapping[str, int]:
    """How many are open, by kind. Reads those alone, in an index."""
    kind = ANOMALIES.c.kind
    query = select(kind, func.count()).where(ANOMALIES.c.state == "open").group_by(kind)
    return {str(name): int(count) for name, count in conn.execute(query)}
