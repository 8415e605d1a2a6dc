"""Reading one's writes, and orders that a read model has parked."""

import asyncio
from uuid import uuid4

import pytest

from api.http.guards import Limits
from api.queries.read_models import Parked, RevisionWaiter
from eventstore.port import NO_STREAM, Draft
from eventstore.record.codec import stream_name
from projections.storage.errors import NotBuilt, Unreachable
from projections.storage.reader import Query
from projections.storage.tables import Progress
from tests.api.conftest import Api, kind, problem

on_each_kind = pytest.mark.usefixtures("kind")
VIEWS = ["/v1/orders/o1/shipments", "/v1/orders/o1/payments", "/v1/orders/o1/postings"]
LISTS = [
    "/v1/shipments?order_id=o1",
    "/v1/payments?order_id=o1",
    "/v1/anomalies?order_id=o1",
    "/v1/audit?order_id=o1",
    "/v1/payments/trial-balance?order_id=o1",
    "/v1/payments/p1?order_id=o1",
    "/v1/shipments/s1?order_id=o1",
]
WAITS = [f"{path}?min_revision=1" for path in VIEWS] + ["/v1/audit?order_id=o1&min_revision=1"]


class TestAPatientServer:
    """A wait so long that a test would fail: what is answered here is answered without it."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(wait_s=600)

    @on_each_kind
    async def test_a_parked_order_is_reported_at_once(self, api: Api) -> None:
        await api.place()
        await api.send("confirm-order")
        await api.place("o2")
        await api.catch_up(but_for="OrderConfirmed")

        for path in VIEWS + LISTS + WAITS:
            response = await api.client.get(path)
            assert response.status_code == 503, path
            assert kind(response) == "order-parked", path
            assert "retry-after" not in response.headers
            other = await api.client.get(path.replace("o1", "o2").replace("=1", "=0"))
            assert other.status_code == (404 if "/p1" in path or "/s1" in path else 200), path

    @on_each_kind
    async def test_an_order_parked_at_its_first_event_is_no_other(self, api: Api) -> None:
        await api.place()
        await api.catch_up(but_for="OrderPlaced")

        for path in VIEWS + LISTS + WAITS:
            assert kind(await api.client.get(path)) == "order-parked", path

    @on_each_kind
    async def test_min_revision_0_answers_what_was_applied_before(self, api: Api) -> None:
        await api.place()
        await api.send("confirm-order")
        await api.catch_up(but_for="OrderConfirmed")

        for path in (*VIEWS, "/v1/audit"):
            response = await api.client.get(path, params={"min_revision": 0, **_of_o1(path)})
            assert response.status_code == 200
        assert (await api.client.get("/v1/orders")).json()["items"][0]["order_id"] == "o1"

    @on_each_kind
    async def test_min_revision_waits_until_the_read_model_is_built(self, api: Api) -> None:
        await api.place()

        asking = asyncio.create_task(api.client.get("/v1/orders/o1/payments?min_revision=0"))
        await asyncio.sleep(0.02)
        assert not asking.done()
        await api.catch_up()

        assert (await asking).json()["revision"] == 0

    @on_each_kind
    async def test_what_the_log_does_not_have_is_answered_at_once(self, api: Api) -> None:
        await api.place()
        await api.catch_up()

        for revision in (1, 2**63 - 2, 2**63 - 1):
            for path in (*VIEWS, "/v1/audit"):
                query = {"min_revision": revision, **_of_o1(path)}
                response = await api.client.get(path, params=query)
                assert (response.status_code, kind(response)) == (404, "no-such-revision")
                assert problem(response)["detail"] == "the order is at revision 0"
        unknown = await api.client.get("/v1/orders/nobody/payments?min_revision=0")
        assert kind(unknown) == "unknown-order"


class TestAServerForFewWaits:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(wait_s=600, waits_max=1)

    async def test_refuses_the_next_wait_and_nothing_else(self, api: Api) -> None:
        await api.place()
        await api.catch_up()
        await api.send("confirm-order")
        path = "/v1/orders/o1/payments"

        waiting = {asyncio.create_task(api.client.get(f"{path}?min_revision=1")) for _ in range(2)}
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        applied = await api.client.get(f"{path}?min_revision=0")
        command = await api.place("o2")
        await api.catch_up()

        assert [kind(task.result()) for task in done] == ["overloaded"]
        assert (applied.status_code, command.status_code) == (200, 201)
        assert [(await task).status_code for task in waiting] == [200]


def _of_o1(path: str) -> dict[str, str]:
    return {"order_id": "o1"} if path == "/v1/audit" else {}


class TestAServerThatLooksOnce:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(wait_s=0)

    @on_each_kind
    async def test_an_applied_revision_is_answered_and_another_is_read_model_behind(
        self, api: Api
    ) -> None:
        await api.place()
        await api.catch_up()
        await api.send("confirm-order")

        applied = await api.client.get("/v1/orders/o1/payments?min_revision=0")
        behind = await api.client.get("/v1/orders/o1/payments?min_revision=1")

        assert applied.status_code == 200
        assert kind(behind) == "read-model-behind"
        assert problem(behind)["status"] == 503

    async def test_a_model_that_is_not_built_is_reported_as_that(self, api: Api) -> None:
        await api.place()

        response = await api.client.get("/v1/orders/o1/payments?min_revision=0")

        assert kind(response) == "read-model-unavailable"


async def test_an_order_whose_event_cannot_be_read_is_no_error_before_it_is_parked(
    api: Api,
) -> None:
    await api.catch_up()
    stream, draft = stream_name("o1"), Draft(uuid4(), "OrderPlaced", b"{", b"{")
    await api.services.store.append(stream, [draft], expected=NO_STREAM)

    assert kind(await api.client.get("/v1/orders/o1/payments")) == "read-model-behind"


class Model:
    """Answers each poll with the next of its answers, and repeats the last one."""

    def __init__(self, *answers: Progress | Exception) -> None:
        self.answers = list(answers)
        self.looks = 0

    async def ask(self, question: Query[Progress]) -> Progress:
        del question
        self.looks += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def at(revision: int) -> Progress:
    return Progress({"o1": revision}, frozenset())


async def test_without_time_it_polls_once() -> None:
    for model in (Model(at(1)), Model(at(0), at(1))):
        waiting = RevisionWaiter(model.ask)
        if model.answers[0] == at(1):
            await waiting.until("o1", 1, within_s=0)
        else:
            with pytest.raises(TimeoutError):
                await waiting.until("o1", 1, within_s=0)
        assert model.looks == 1


async def test_it_polls_until_the_tables_exist_and_contain_the_revision() -> None:
    model = Model(NotBuilt("no"), NotBuilt("no"), at(0), at(1))

    await RevisionWaiter(model.ask).until("o1", 1, within_s=600)

    assert model.looks == 4


async def test_a_parked_order_ends_its_own_wait_only() -> None:
    model = Model(at(0), Progress({"o1": 0}, frozenset({"o1"})), Progress({"o2": 1}, frozenset()))
    waiting = RevisionWaiter(model.ask)

    parked = asyncio.create_task(waiting.until("o1", 1, within_s=600))
    await waiting.until("o2", 1, within_s=600)

    with pytest.raises(Parked):
        await parked


async def test_a_database_that_does_not_answer_ends_the_wait() -> None:
    with pytest.raises(Unreachable):
        await RevisionWaiter(Model(Unreachable("gone")).ask).until("o1", 1, within_s=600)
