import pytest
from datetime import datetime, UTC
from tests.core.needs.small_county import *
from tests.core.needs.small_county import _core_alone
from tests.core.needs.browser import visitor

@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_x(county, tmp_path):
    import core.needs.routes
    now = datetime.now(UTC)
    officer = await county.officer()
    need = await county.need(officer)
    await county.need(officer, due_on=__import__("datetime").date(2026,11,20))
    await county.delivered(officer)
    v = await visitor(county.house, officer, now)
    import pathlib
    out = pathlib.Path("/tmp/pages"); out.mkdir(exist_ok=True)
    household = (await __import__("core.database",fromlist=["fetch"]).fetch("SELECT household FROM needs_need WHERE id=?", (need,)))[0]["household"]
    for name, path in {"start":"/", "list":"/needs", "need":f"/needs/{need}", "new": f"/households/{household}/needs/new"}.items():
        (out/f"{name}.html").write_text(await v.get(path))
    a = await county.county_wide("auditor", "auditor")
    v = await visitor(county.house, a, now)
    for name, path in {"start-auditor":"/", "trail":"/trail", "looks":"/looks"}.items():
        (out/f"{name}.html").write_text(await v.get(path))
    a = await county.administrator()
    v = await visitor(county.house, a, now)
    for name, path in {"start-admin":"/", "accounts":"/accounts", "deliveries":"/deliveries"}.items():
        (out/f"{name}.html").write_text(await v.get(path))
    v = await visitor(county.house, None, now)
    (out/"sign_in.html").write_text(await v.get("/sign-in"))
