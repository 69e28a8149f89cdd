"""What goes wrong is logged with its place in the code, and without a word about anybody."""

import json
import subprocess
import sys
from pathlib import Path

NUMBER, COOKIE = "360803199001011234", "a-session-cookie-nobody-may-read"
PROGRAM = """
import asyncio, sys, httpx
from core.app import create_app, prepare
from core.logs import set_up_logs
from core.settings import Settings
from core.web import page

@page("/fails", public=True)
async def fails(request: object) -> None:
    number, cookie = sys.argv[2], request.headers["cookie"]
    try:
        {}[number]
    except KeyError as error:
        error.add_note(number)
        raise ExceptionGroup(f"of {number}", [ValueError(number, cookie)]) from error

async def main() -> None:
    house = prepare(Settings(demo=True, database_url=sys.argv[1]))
    house.routes.append(fails)
    app = create_app(house.settings, house=house, background=False)
    async with house.open(apply_migrations=True):
        set_up_logs()
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://house.test") as client:
            print((await client.get("/fails", headers={"cookie": "nuanliu=" + sys.argv[3]})).status_code)

asyncio.run(main())
"""


def test_a_defect_is_logged_with_its_place_and_no_personal_data(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, f"sqlite:///{tmp_path / 'test.sqlite'}", NUMBER, COOKIE],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stdout.strip() == "500", ran.stderr
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    (unhandled,) = [line for line in lines if line["event"] == "unhandled"]
    told, cause = unhandled["exception"]
    assert (told["exc_type"], cause["exc_type"]) == ("ExceptionGroup", "KeyError")
    assert told["exceptions"][0][0]["exc_type"] == "ValueError"
    assert "fails" in [frame["name"] for frame in told["frames"]]
    assert NUMBER not in ran.stderr
    assert COOKIE not in ran.stderr
