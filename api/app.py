"""The API as one ASGI app, made of its services. Nothing happens on import."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.util import find_spec

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.commands.dry_run import dry_run
from api.commands.handler import CommandHandler
from api.commands.routes import ORDERS, DryRun, command_routes, order_of_command
from api.commands.validation_messages import rejected_query
from api.connect.door import connect_door
from api.docs.openapi import document, problem_pages
from api.export.routes import export_route
from api.http.asgi import AsgiRoute
from api.http.guards import Guards
from api.http.problems import EXPECTED, MEDIA_TYPE, Rejected, of_error
from api.http.sharing import Turns
from api.http.tracing import TracedLedger, TracedRequests
from api.operations.routes import operation_routes
from api.queries.orders import ORDER_PATH, OrderNow, order_in_path, order_routes
from api.queries.parameters import refuse_unknown_parameters
from api.queries.read_models import ReadModels
from api.queries.reports import report_routes
from api.services import Services
from api.stream.routes import OF_ORDER, order_of_stream, stream_routes
from api.stream.views import LiveViews

_OF_AN_ORDER = re.compile(r"/v1/orders/[^/]+/[^/]+\Z")


def create_app(services: Services) -> ASGIApp:
    app = FastAPIOffline(
        title="Daybook",
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(refuse_unknown_parameters)],
    )
    tracing = services.telemetry.tracing
    ledger = services.ledger if tracing is None else TracedLedger(services.ledger, tracing)
    handler = CommandHandler(ledger, services.telemetry)
    turns, models = Turns(), ReadModels(services)
    services.telemetry.metrics.live_streams.set_function(lambda: len(services.live))
    try_out = partial(dry_run, services.ledger)
    operations, pages = _graphql(services, models, handler, try_out, turns)
    streams = stream_routes(services, LiveViews(services.live, models))
    direct = [
        *command_routes(handler, try_out, services.clock, services.limits, turns),
        export_route(services, turns),
        *operations,
        *streams,
    ]
    app.router.routes += direct
    for router in (
        report_routes(models),  # first: /v1/orders/summary is no order
        order_routes(services, models),
        operation_routes(services),
        problem_pages(),
        *pages,
    ):
        app.include_router(router)
    for error in (*EXPECTED, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error, _answer_error)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    door = connect_door(services)
    guarded = Guards(
        Shortcut(app, direct, door.routes if door else {}, OrderNow(services.ledger)),
        services.limits,
        services.telemetry.metrics,
        streams=door.streams if door else (),
    )
    return guarded if tracing is None else TracedRequests(guarded, tracing)


def _graphql(
    services: Services, models: ReadModels, handler: CommandHandler, try_out: DryRun, turns: Turns
) -> tuple[list[AsgiRoute], list[APIRouter]]:
    """The route of operations, and the page GraphiQL; nothing without the extra `graphql`."""
    if find_spec("graphql") is None or find_spec("strawberry") is None:
        return [], []
    from api.graphql.page import page_routes
    from api.graphql.routes import graphql_route

    pages = [page_routes()] if services.graphql_introspection else []
    return [graphql_route(services, models, handler, try_out, turns)], pages


class Shortcut:
    """Commands, streams and exports go straight to their routes, calls (Connect, gRPC-Web) to
    theirs, and so does the question that is asked most: an order as it is now.

    FastAPI's layers would do nothing for them, and would take a client that hangs up for a fault.
    """

    def __init__(
        self,
        app: ASGIApp,
        routes: Sequence[AsgiRoute],
        calls: Mapping[str, Route],
        order_now: ASGIApp,
    ) -> None:
        self._app = app
        by_path: dict[str, dict[str, Route]] = {"POST": {}, "GET": {}}
        for route in routes:
            for method in route.methods or ():
                by_path[method][route.path] = route
        self._posts, self._gets = by_path["POST"] | dict(calls), by_path["GET"]
        of_an_order = next(route for route in routes if route.path.endswith("/confirm-order"))
        # One route for the commands of an order, so that metrics have one label for them all.
        self._of_an_order = Route(f"{ORDERS}{{order_id}}/{{command}}", of_an_order.app)
        self._order = Route(ORDER_PATH, order_now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope.get("root_path"):
            match scope["method"]:
                case "POST":
                    route, order_id = self._of_post(scope["path"])
                case "GET":
                    route, order_id = self._of_get(scope["path"], scope["query_string"])
                case _:
                    route, order_id = None, None
            if route is not None:
                found = {} if order_id is None else {"order_id": order_id}
                scope.update(path_params=found, route=route)
                await route.app(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _of_post(self, path: str) -> tuple[Route | None, str | None]:
        route = self._posts.get(path)
        if route is None and (order_id := order_of_command(path)) is not None:
            return self._of_an_order, order_id
        return route, None

    def _of_get(self, path: str, query: bytes) -> tuple[Route | None, str | None]:
        route = self._gets.get(path)
        if route is not None:
            return route, None
        if (order_id := order_of_stream(path)) is not None:
            return self._gets[OF_ORDER], order_id
        if not query and (order_id := order_in_path(path)) is not None:
            return self._order, order_id
        return None, None


async def _answer_error(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        if error.status_code == 405:
            return _wrong_method(request)
        if request.method == "POST" and _OF_AN_ORDER.match(request.scope["path"]):
            error = Rejected(
                "unknown-command", "the last part of the path is not the name of a command"
            )
        else:
            error = Rejected("unknown-route", "no route has this path")
    elif isinstance(error, RequestValidationError):
        error = rejected_query(error.errors())
    return _response(error)


def _wrong_method(request: Request) -> Response:
    """405 with all methods of the path, which several routes may share."""
    allow = {"allow": ", ".join(sorted(_methods(request)))}
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=allow)
    return _response(Rejected("method-not-allowed", "see the Allow header"), allow)


def _methods(request: Request) -> set[str]:
    app: FastAPI = request.app
    methods = {"OPTIONS"}
    for method in ("GET", "POST"):
        # A mount that was tried before has changed root_path.
        scope = {**request.scope, "method": method, "path_params": {}, "root_path": ""}
        if any(_takes(route, scope) for route in app.router.routes):
            methods |= {"GET", "HEAD"} if method == "GET" else {method}
    return methods


def _takes(route: BaseRoute, scope: Scope) -> bool:
    if isinstance(route, Mount) and scope["method"] != "GET":
        # The files of the documentation. A mount claims to take every method.
        return False
    return route.matches(scope)[0] is Match.FULL


def _response(error: Exception, headers: dict[str, str] | None = None) -> Response:
    problem = of_error(error)
    response = Response(
        problem.body, problem.status, headers=headers, media_type=MEDIA_TYPE.decode()
    )
    response.raw_headers.extend(problem.headers)
    return response
