"""Is it alive, is it ready: for whoever watches the server."""

from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from .database import fetch, missing_steps
from .errors import NotYours
from .web import HtmxRequest


@get("/healthz", opt={"public": True}, include_in_schema=False)
async def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/readyz", opt={"public": True}, include_in_schema=False)
async def readyz(request: HtmxRequest) -> Response[dict[str, Any]]:
    """Say whether requests can be served: the database answers, fits the code, and no plugin is broken."""
    house = request.app.state.house
    problems: dict[str, Any] = {}
    try:
        await fetch("SELECT 1 AS one")
        if missing := await missing_steps(house.packages):
            problems["migrations"] = missing
    except Exception as error:
        problems["database"] = type(error).__name__
    if house.plugins.broken:
        problems["plugins"] = sorted(house.plugins.broken)
    return Response({"status": "not ready" if problems else "ok", **problems}, status_code=503 if problems else 200)


@get("/{anything:path}", opt={"public": True}, include_in_schema=False)
async def nowhere(anything: FromPath[Path]) -> None:
    """Answer an address that nobody has like one that is not yours: with the same page."""
    raise NotYours(str(anything))


health_routes = [healthz, readyz, nowhere]
