"""The page GraphiQL at the address of operations, and its files: see graphiql/README.md."""

import gzip
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response
from starlette.exceptions import HTTPException

from api.http.guards import GRAPHQL_PATH

FOLDER: Final = Path(__file__).parent / "graphiql"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript"}
FILES: Final = (
    "graphiql.css",
    "graphiql.js",
    "operations.js",
    "page.css",
    "page.js",
    "react-dom.js",
    "react.js",
)
_POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " frame-ancestors 'none'"
)
_KEPT: Final = "max-age=3600"


def page_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(GRAPHQL_PATH)
    async def page() -> Response:
        headers = {"content-security-policy": _POLICY, "cache-control": "no-cache"}
        return Response(_read("page.html"), media_type="text/html", headers=headers)

    @router.get(f"{GRAPHQL_PATH}/graphiql/{{name}}")
    async def file(name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
        if name not in FILES:
            raise HTTPException(404)
        headers = {"cache-control": _KEPT, "x-content-type-options": "nosniff"}
        body = _read(name)
        if _is_compressed(name) and "gzip" in accept_encoding:
            headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
        elif _is_compressed(name):
            body = gzip.decompress(body)
        return Response(body, media_type=_TYPES[Path(name).suffix], headers=headers)

    return router


def _is_compressed(name: str) -> bool:
    return (FOLDER / f"{name}.gz").exists()


@cache
def _read(name: str) -> bytes:
    return (FOLDER / (f"{name}.gz" if _is_compressed(name) else name)).read_bytes()
