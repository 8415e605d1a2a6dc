"""Events folded and their rows written, within a transaction: together, or one by one where some
event's rows are refused.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from projections.fold import NOT_APPLIED, Discards, Folded, Item, fold, parked_row
from projections.projection import Projection
from projections.storage.session import Session
from projections.storage.views import Views
from projections.worker.collisions import remove_holders


class Storing:
    """Of one generation. parked: orders whose events wait. discards: events to step over.

    whole: the events are all that the log has of their order, of which nothing is applied.
    """

    def __init__(self, projection: Projection[Any], session: Session, views: Views) -> None:
        self._projection = projection
        self._session = session
        self._views = views

    def whole(self, conn: Connection, items: Sequence[Item], discards: Discards) -> Folded:
        """All that the log has of an order of which nothing is applied."""
        try:
            with conn.begin_nested():
                return self.together(conn, items, frozenset(), discards, whole=True)
        except Exception as error:
            if self._session.is_environment(error):
                raise
            self._views.forget()
            return self.singly(conn, items, frozenset(), discards, whole=True)

    def together(
        self,
        conn: Connection,
        items: Sequence[Item],
        parked: frozenset[str],
        discards: Discards,
        *,
        whole: bool = False,
    ) -> Folded:
        known = self._views.load(conn, (item.order_id for item in items))
        folded = fold(self._projection, known, items, parked=parked, discards=discards, whole=whole)
        self._views.store(conn, folded.progress)
        for table, rows in folded.entries.items():
            self._session.statements.add(conn, table, rows)
        return folded

    def singly(
        self,
        conn: Connection,
        items: Sequence[Item],
        parked: frozenset[str],
        discards: Discards,
        *,
        whole: bool = False,
    ) -> Folded:
        """Find the event whose rows are refused, and park its order."""
        done = Folded()
        for item in items:
            waiting = parked | done.holes.keys()
            try:
                folded = self._one(conn, item, waiting, discards, whole=whole)
            except Exception as error:
                if self._session.is_environment(error):
                    raise
                folded = self._cleared(conn, item, waiting, discards, error, whole=whole)
            done.applied += folded.applied
            done.parked += folded.parked
            done.holes |= folded.holes
            parked |= {row["order_id"] for row in folded.parked}
        return done

    def _one(
        self,
        conn: Connection,
        item: Item,
        waiting: frozenset[str],
        discards: Discards,
        *,
        whole: bool,
    ) -> Folded:
        try:
            with conn.begin_nested():
                folded = self.together(conn, [item], waiting, discards, whole=whole)
        except Exception:
            self._views.forget()
            raise
        self._views.settle()
        return folded

    def _cleared(
        self,
        conn: Connection,
        item: Item,
        waiting: frozenset[str],
        discards: Discards,
        error: Exception,
        *,
        whole: bool,
    ) -> Folded:
        """Once more without the orders that have its position, which one event alone can have:
        they are removed, to be read from the log. Without any, its order is parked.
        """
        removed = remove_holders(conn, self._projection, self._views, item)
        if not removed:
            return Folded(parked=[parked_row(item, error)])
        folded = self._one(conn, item, waiting, discards, whole=whole)
        folded.holes |= dict.fromkeys(removed, NOT_APPLIED)
        return folded
