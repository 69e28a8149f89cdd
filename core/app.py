"""The composition root: the one file that knows all parts and puts them together."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from litestar import Litestar
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers.http_handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.static_files import create_static_files_router

from . import access, terms, vault
from .actor import Actor
from .database import migrate, missing_steps, open_database
from .declarations import MenuItem, Permission, Term
from .demo.routes import demo_routes
from .failures import HANDLERS
from .health import health_routes
from .journal import run_sealer
from .logs import RequestLog
from .plugins import PluginError, Plugins, set_host
from .registry import forget_uploads
from .settings import Settings
from .texts import N_, Catalogues, language, read_catalogues, text
from .web import Given, HtmxRequest, ways_back
from .web.cookies import secure_cookies
from .web.middleware import Clock, Headers
from .web.templates import make_environment
from .workflow import all_workflows

KEPT_UPLOADS = timedelta(days=30)  # workbooks that nobody decides on or mends
BY_ITSELF = N_("by itself ({plugin})")
AREAS = ("core.access", "core.registry", "core.activities", "core.needs")


@dataclass
class House:
    """Everything that is ready before the first request."""

    settings: Settings
    plugins: Plugins
    permissions: list[Permission]
    terms: dict[str, tuple[str, Term]]
    menu: list[tuple[str, MenuItem]]
    routes: list[Any]
    gates: dict[str, list[str]]
    catalogues: Catalogues
    templates: jinja2.Environment

    @property
    def packages(self) -> list[str]:
        """Return the packages whose migrations make up the database."""
        return ["core", *self.plugins.packages()]

    @asynccontextmanager
    async def open(self, *, apply_migrations: bool = False) -> AsyncIterator["House"]:
        """Open the database, check that it fits the code, and write down terms and gates.

        :raises PluginError: the database lacks migrations and may not be changed here.
        """
        async with open_database(self.settings.database_url):
            if apply_migrations:
                await migrate(self.packages)
            elif missing := await missing_steps(self.packages):
                raise PluginError(f"the database lacks {len(missing)} steps ({missing[0]} …); run: nuanliu migrate")
            await terms.keep(self.terms, self._translate)
            await terms.keep_gates(self.gates, self.plugins.is_enabled)
            yield self

    def _translate(self, name: str, package: str, msgid: str) -> str:
        token = language.set(name)
        try:
            return text(self.catalogues, package if package not in self.plugins.areas else "core", msgid)
        finally:
            language.reset(token)


def prepare(settings: Settings) -> House:
    """Find, check and order everything that plugins and areas declare; opens no database.

    :raises PluginError: a plugin cannot be used; names it and the culprit.
    """
    vault.open_vault(settings.secret or DEMO_SECRET)
    secure_cookies(settings.tls)
    access.set_grace(settings.share_grace_days)
    access.allow_demo_accounts(settings.demo)
    plugins = Plugins()
    plugins.load([import_module(area) for area in AREAS], settings.disabled_plugins)
    set_host(plugins)
    permissions = _permissions(plugins)
    access.learn(permissions)
    known = terms.collect(plugins.declare("provide_terms"))
    steps = {code for code, (_, term) in known.items() if term.kind == "step"}
    for workflow in all_workflows():
        if unknown := workflow.steps() - steps:
            raise PluginError(f"{workflow.name} takes the step {sorted(unknown)[0]!r}, which is no term")
    gates = plugins.declare_objections(steps)
    actions = {code for code, (_, term) in known.items() if term.kind == "action"}
    for plugin, table in plugins.declare("provide_reactions").items():
        for action in sorted(set(table) - actions):
            raise PluginError(f"plugin {plugin!r} reacts to {action!r}, which is no action")
    folders = {
        name: Path(str(files(module.__name__))) for name, module in plugins.modules.items() if name not in plugins.areas
    }
    packages = {"core": "core", **{name: plugins.modules[name].__name__ for name in folders}}
    catalogues = read_catalogues(packages)
    templates = make_environment(_template_folders(), folders, catalogues)
    templates.globals["word"] = terms.word
    templates.globals["who"] = partial(_who, plugins, templates.globals["say"])
    return House(
        settings=settings,
        plugins=plugins,
        permissions=permissions,
        terms=known,
        menu=_menu(plugins, {permission.code for permission in permissions}),
        routes=_routes(plugins),
        gates=gates,
        catalogues=catalogues,
        templates=templates,
    )


DEMO_SECRET = "the demo county has no secrets, only invented people"


def create_app(settings: Settings, *, house: House | None = None, background: bool = True) -> Litestar:
    """Build the web application.

    :param background: run the sealer and deliver events beside the web server.
    """
    built = house or prepare(settings)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with built.open():
            stop = asyncio.Event()
            sealer = (
                asyncio.create_task(
                    run_sealer(stop, checkpoints=settings.checkpoints, hourly=[partial(_forget_uploads, settings)])
                )
                if background
                else None
            )
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 20, 50)
            try:
                yield
            finally:
                stop.set()
                if sealer is not None:
                    await sealer

    folders = {
        name: Path(str(files(module.__name__))) / "static"
        for name, module in built.plugins.modules.items()
        if built.plugins.is_enabled(name) and name not in built.plugins.areas
    }
    statics = [
        create_static_files_router(path=f"/static/{name}", directories=[folder], cache_control=None)
        for name, folder in folders.items()
        if folder.is_dir()
    ]
    app = Litestar(
        route_handlers=[
            *built.routes,
            *(demo_routes if settings.demo else ()),
            *health_routes,
            *statics,
            _core_static(),
        ],
        request_class=HtmxRequest,
        lifespan=[lifespan],
        dependencies={"actor": Provide(_actor), "now": Provide(_now), "given": Provide(_given)},
        csrf_config=CSRFConfig(
            secret=settings.secret or DEMO_SECRET,
            cookie_name="nuanliu_csrf",
            cookie_secure=settings.tls,
            cookie_httponly=True,
            cookie_samesite="lax",
            exclude="^/static/",
        ),
        middleware=[
            DefineMiddleware(access.SignedIn, exclude="^/(static|healthz)", settings=settings),
        ],
        exception_handlers=HANDLERS,
        request_max_body_size=(settings.upload_limit_mb + 1) * 1024 * 1024,
        state=State({"settings": settings, "templates": built.templates, "menu": built.menu, "house": built}),
        openapi_config=None,
        logging_config=None,
    )
    # Around everything, also around what no route answers: an error page has the same headers and a line in the log.
    app.asgi_handler = RequestLog(Clock(Headers(app.asgi_handler, settings.tls)))
    return app


async def _actor(request: HtmxRequest) -> Actor:
    actor: Actor = request.scope["user"]
    return actor


async def _now(request: HtmxRequest) -> datetime:
    moment: datetime = request.state.now
    return moment


async def _given(request: HtmxRequest) -> Given:
    return Given(await request.form(), now=request.state.now)


def _who(plugins: Plugins, say: Any, name: str) -> str:
    """Say who did something: a person by name, a module that acted by itself as such."""
    return say("core", BY_ITSELF, plugin=name) if name in plugins.modules else name


async def _forget_uploads(settings: Settings, now: datetime) -> None:
    await forget_uploads(now - KEPT_UPLOADS, folder=settings.uploads, now=now)


def _core_static() -> Any:
    folder = Path(str(files("core"))) / "static"
    return create_static_files_router(path="/static", directories=[folder])


def _template_folders() -> list[Path]:
    """Return where the house's own templates lie: in the wheel inside core, in a checkout beside it."""
    core = Path(str(files("core")))
    return [folder for folder in (core / "templates", core.parent / "templates") if folder.is_dir()]


def _permissions(plugins: Plugins) -> list[Permission]:
    found: dict[str, Permission] = {}
    for plugin, provided in plugins.declare("provide_permissions").items():
        for permission in provided:
            if not permission.code.startswith(f"{plugin}."):
                raise PluginError(f"plugin {plugin!r}: the permission {permission.code!r} must begin with {plugin!r}")
            if permission.code in found:
                raise PluginError(f"plugin {plugin!r}: the permission {permission.code!r} is taken")
            if unknown := set(permission.roles) - set(access.ROLES):
                raise PluginError(f"plugin {plugin!r}: {permission.code} names no role {sorted(unknown)[0]!r}")
            found[permission.code] = permission
    return list(found.values())


def _menu(plugins: Plugins, permissions: set[str]) -> list[tuple[str, MenuItem]]:
    items = []
    for plugin, provided in plugins.declare("provide_menu").items():
        for item in provided:
            if item.permission and item.permission not in permissions:
                raise PluginError(f"plugin {plugin!r}: the menu names no permission {item.permission!r}")
            items.append((plugin, item))
    return sorted(items, key=lambda pair: pair[1].order)


def _routes(plugins: Plugins) -> list[HTTPRouteHandler]:
    routes: list[HTTPRouteHandler] = []
    for plugin, handlers in plugins.declare("provide_routes").items():
        for handler in handlers:
            _check_route(plugin, plugin in plugins.areas, handler)
            routes.append(handler)
    return [*routes, *ways_back(routes)]


def _check_route(plugin: str, is_area: bool, handler: Any) -> None:
    if not isinstance(handler, HTTPRouteHandler):
        raise PluginError(f"plugin {plugin!r}: {handler!r} is no route handler")
    for path in handler.paths:
        if not is_area and not (path + "/").startswith(f"/{plugin}/"):
            raise PluginError(f"plugin {plugin!r}: the path {path!r} must begin with /{plugin}/")
        if handler.opt.get("permission") is None and not handler.opt.get("public"):
            raise PluginError(f"plugin {plugin!r}: {path!r} names no permission and is not public")
        if (permission := handler.opt.get("permission")) and permission not in access.known():
            raise PluginError(f"plugin {plugin!r}: {path!r} names {permission!r}, which is no permission")
        if "POST" in handler.http_methods and not handler.opt.get("act"):
            raise PluginError(f"plugin {plugin!r}: {path!r} is a POST that was not made with core.journal.act")


__all__ = ["AREAS", "House", "create_app", "prepare"]
