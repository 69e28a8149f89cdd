"""What every answer has, and that no address of a form leads nowhere."""

from collections.abc import Callable

from .conftest import served


async def test_every_answer_carries_the_security_headers(copies: Callable[[str], str]) -> None:
    async with served(copies("sqlite")) as sign_in:
        town, nobody = await sign_in("town"), await sign_in(None)
        answers = [
            await nobody.get("/sign-in"),
            await nobody.get("/nowhere"),
            await nobody.post("/nowhere"),
            await nobody.get("/static/nuanliu.css"),
            await town.get("/"),
            await town.get("/trail"),
            await town.post("/find"),
        ]
    assert [answer.status_code for answer in answers] == [200, 404, 404, 200, 200, 403, 403]
    for answer in answers:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "no-store" in answer.headers["cache-control"]


async def test_a_file_asked_for_by_its_content_is_kept_and_sets_no_cookie(copies: Callable[[str], str]) -> None:
    async with served(copies("sqlite")) as sign_in:
        answer = await (await sign_in(None)).get("/static/nuanliu.css?v=12345678")
    assert "immutable" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers


async def test_the_address_of_an_act_leads_back_to_its_page(copies: Callable[[str], str]) -> None:
    need = "/needs/01890000-0000-7000-8000-000000000000"
    household = "/households/01890000-0000-7000-8000-000000000000"
    async with served(copies("sqlite")) as sign_in:
        town = await sign_in("town")
        for address, page in (
            (f"{need}/withdraw", need),
            (f"{need}/confirm", need),
            (f"{household}/phone/reveal", household),
            ("/sign-out", "/"),
        ):
            answer = await town.get(address)
            assert (answer.status_code, answer.headers["location"]) == (303, page)
