"""Health (grpc.health.v1) and reflection, as methods like all others."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha._async import ReflectionServicer

from api.http.problems import Rejected
from api.operations.health import not_ready
from api.rpc.call import Call, Method, Requests
from api.rpc.errors import Answered, Code
from api.services import Services

log = logging.getLogger("daybook.grpc")

HEALTH_S: Final = 2.0
HEALTH: Final = "grpc.health.v1.Health"
REFLECTION: Final = "grpc.reflection.v1alpha.ServerReflection"
_Response: Final = health_pb2.HealthCheckResponse


async def serving(services: Services, names: Sequence[str]) -> dict[str, bool]:
    """Each service, and "" for all, while the log and the read models can be read, as /readyz says.
    The small interface needs the log alone.
    """
    try:
        troubles = await not_ready(services)
    except Exception:
        log.exception("the health of the services is not known")
        troubles = ["log: its health is not known"]
    log_troubles = [trouble for trouble in troubles if trouble.startswith("log:")]
    return {
        name: not (log_troubles if name.startswith("order.") else troubles) for name in ("", *names)
    }


class Health:
    """Answers Check and Watch."""

    def __init__(self) -> None:
        self._serving: Mapping[str, bool] = {}
        self._changed = asyncio.Event()
        """Set at the next change, which has another one."""
        self._is_stopping = False

    def methods(self) -> list[Method]:
        asked, answer = health_pb2.HealthCheckRequest, _Response
        return [
            Method(HEALTH, "Check", asked, answer, unary=self.check),
            Method(HEALTH, "Watch", asked, answer, stream=self.watch),
        ]

    def tell(self, serving: Mapping[str, bool]) -> None:
        if not self._is_stopping:
            self._set(serving)

    def stop(self) -> None:
        """From now on nothing serves."""
        self._is_stopping = True
        self._set(dict.fromkeys(self._serving, False))

    async def check(self, request: Any, call: Call) -> Message:
        """Raises Answered for a service that is not known."""
        del call
        if request.service not in self._serving:
            raise Answered(Code.NOT_FOUND, "there is no such service")
        return _Response(status=self._status(request.service))

    async def watch(self, request: Any, call: Call) -> AsyncGenerator[Message | None, None]:
        del call
        told = None
        while True:
            changed, is_last = self._changed, self._is_stopping
            status = self._status(request.service)
            if status != told:
                told = status
                yield _Response(status=status)
            if is_last:
                raise Rejected("stopping", "ask again, or another server")
            await changed.wait()

    def _set(self, serving: Mapping[str, bool]) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        self._serving = serving
        changed.set()

    def _status(self, name: str) -> Any:
        if name not in self._serving:
            return _Response.SERVICE_UNKNOWN
        return _Response.SERVING if self._serving[name] else _Response.NOT_SERVING


async def _whole(requests: Requests) -> AsyncGenerator[Message, None]:
    """Raises Rejected."""
    async for request in requests:
        if isinstance(request, Rejected):
            raise request
        yield request


def reflection(names: Sequence[str]) -> Method:
    """names: of the services to be listed."""
    servicer: Any = ReflectionServicer(service_names=names)

    async def info(requests: Requests, call: Call) -> AsyncGenerator[Message | None, None]:
        del call
        async for answer in servicer.ServerReflectionInfo(_whole(requests), None):
            yield answer

    return Method(
        REFLECTION,
        "ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest,
        reflection_pb2.ServerReflectionResponse,
        both=info,
    )
