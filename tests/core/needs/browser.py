"""A visitor of the application: signs in with a session, follows pages, sends forms with their tokens."""

import re
from typing import Any
from uuid import UUID, uuid4

import httpx

from core.access.sessions import start_session
from core.actor import Actor
from core.app import House, create_app

TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


class Visitor:
    """One browser without JavaScript."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.token = client, ""

    async def get(self, path: str, status: int = 200) -> str:
        """Open a page and return its text."""
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-300:])
        if found := TOKEN.search(answer.text):
            self.token = found[1]
        return answer.text

    async def post(self, path: str, status: int = 303, operation: UUID | None = None, **fields: Any) -> httpx.Response:
        """Send a form."""
        if not self.token:
            await self.get("/")
        form = {"_csrf_token": self.token, "operation": str(operation or uuid4()), **fields}
        answer = await self.client.post(path, data=form)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-300:])
        return answer


async def visitor(house: House, actor: Actor | None, now: Any) -> Visitor:
    """Return a browser in which the actor (None: nobody) is signed in."""
    app = create_app(house.settings, house=house, background=False)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://house.test", headers={"accept-language": "en"}
    )
    if actor is not None:
        assert actor.user is not None
        client.cookies.set("nuanliu", await start_session(actor.user, "a test", now=now))
    return Visitor(client)


__all__ = ["Visitor", "visitor"]
