"""The sweep: beside a bus the log is read as well, to compare it with what is applied.

The log's checkpoint says that everything up to there is applied. The sweep alone moves it, a page
at a time, up to the log's head as it was one interval ago: newer events are still on their way.
"""

from eventstore.port import EventReader, Page
from projections.sources.log import LOG, START, LogPage, position_of


class Sweep:
    """When the log is read, and up to where. Times are the running loop's, in seconds."""

    def __init__(self, store: EventReader, *, every_s: float) -> None:
        self._store = store
        self._every_s = every_s
        self._at = self._goal = self._head = START
        self._due_s = 0.0
        self._rounds = 0
        self._requested = False
        self._runs_now = False

    def begin(self, at: int) -> None:
        """Continue after the log's checkpoint as it is now."""
        self._at = at
        self._head = max(self._head, at)

    def run_now(self) -> None:
        """Start at once and go up to the head: some events may come no other way."""
        self._requested = True

    @property
    def runs_now(self) -> bool:
        """Whether it has not yet reached where run_now() sent it."""
        return self._requested or self._runs_now

    async def next_page(self, now_s: float) -> LogPage | None:
        """None if nothing is due. Commit a page before the next one is asked for.

        Raises StoreError.
        """
        starts = self._at >= self._goal and (self._requested or now_s >= self._due_s)
        # The first round only reads the head: it has no earlier one to go up to.
        reports = starts and (self._requested or self._rounds > 0)
        if starts:
            await self._start(now_s)
        page = await self._page() if self._at < self._goal else ()
        self._at = page[-1].position if page else max(self._at, self._goal)
        ends = self._at >= self._goal
        if ends:
            self._runs_now = False
        if not page and not reports:
            return None
        return LogPage(page, {LOG: self._at}, through=self._at if ends else None)

    async def _start(self, now_s: float) -> None:
        head = await self._store.head()
        before, self._head = self._head, START if head is None else head
        self._goal = self._head if self._requested else before
        self._requested, self._runs_now = False, self._requested
        self._due_s = now_s + self._every_s
        self._rounds += 1

    async def _page(self) -> Page:
        async for page in self._store.read_all(after=position_of(self._at)):
            return [recorded for recorded in page if recorded.position <= self._goal]
        return ()
