"""The sweep: the log is read beside a bus, so that what is applied can be held against it.

The log's checkpoint says that everything up to there is applied. The sweep alone moves it, a page
at a time, up to the log's head as it was an interval ago: what is newer is on its way.
"""

from eventstore.port import EventReader, Page
from projections.sources.log import LOG, START, Swept, position_of


class Sweep:
    """When the log is looked at, and how far. Times are those of the running loop, in seconds."""

    def __init__(self, store: EventReader, *, every_s: float) -> None:
        self._store = store
        self._every_s = every_s
        self._at = self._goal = self._seen = START
        self._due_s = 0.0
        self._looks = 0
        self._asked = False
        self._hurries = False

    def begin(self, at: int) -> None:
        """Go on behind the log's checkpoint, as it is now."""
        self._at = at
        self._seen = max(self._seen, at)

    def hurry(self) -> None:
        """Look at once and go up to the head: what is behind the checkpoint may not be coming."""
        self._asked = True

    @property
    def hurries(self) -> bool:
        """Whether it is on its way to where hurry() has sent it."""
        return self._asked or self._hurries

    async def take(self, now_s: float) -> Swept | None:
        """The next page; None where nothing is due. It is committed before the next is taken.

        Raises StoreError.
        """
        looks = self._at >= self._goal and (self._asked or now_s >= self._due_s)
        tells = looks and (self._asked or self._looks > 0)
        if looks:
            await self._look(now_s)
        page = await self._page() if self._at < self._goal else ()
        self._at = page[-1].position if page else max(self._at, self._goal)
        ends = self._at >= self._goal
        if ends:
            self._hurries = False
        if not page and not tells:
            return None
        return Swept(page, {LOG: self._at}, through=self._at if ends else None)

    async def _look(self, now_s: float) -> None:
        head = await self._store.head()
        before, self._seen = self._seen, START if head is None else head
        self._goal = self._seen if self._asked else before
        self._asked, self._hurries = False, self._asked
        self._due_s = now_s + self._every_s
        self._looks += 1

    async def _page(self) -> Page:
        async for page in self._store.read_all(after=position_of(self._at)):
            return [recorded for recorded in page if recorded.position <= self._goal]
        return ()
