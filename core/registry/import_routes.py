"""The pages of the import: hand in a workbook, see what it would do, apply or leave it, take back what has faults."""

import io
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.actor import Actor
from core.errors import Reason, Refused
from core.journal import Operation, act, answer_of, once_outside, operation_id, request_hash, response_of
from core.texts import N_
from core.web import Given, HtmxRequest, page, show, to
from core.web.clock import today

from . import importing
from .importing.apply import MOVED_ON
from .workbook import Unreadable

Reasons = dict[Reason, dict[str, Any]]
Finish = Callable[[Response[Any]], Awaitable[None]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_FILE = Reason("registry.no_file", N_("No file was chosen. Choose a workbook (.xlsx)."))


async def _imports_form(
    request: HtmxRequest, actor: Actor, given: Given | None = None, reasons: Reasons | None = None, **_: Any
) -> Response[Any]:
    return show(
        request,
        "registry/imports.html",
        imports=await importing.latest_imports(actor),
        limit=request.app.state.settings.upload_limit_mb,
        given=given,
        reasons=reasons or {},
    )


@page("/imports", permission="registry.import")
async def imports_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Take in a workbook of households, and show what became of earlier ones."""
    return await _imports_form(request, actor)


@page("/imports/template", permission="registry.import")
async def template_file(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Give out the workbook to fill in, with the officer's villages to choose from."""
    stream = io.BytesIO()
    await importing.write_household_template(stream, actor)
    return _file(stream.getvalue(), "households.xlsx")


@act("/imports", permission="registry.import", redraw=_imports_form, outside=True)
async def hand_in(
    request: HtmxRequest, actor: NamedDependency[Actor], given: NamedDependency[Given], now: NamedDependency[datetime]
) -> Response[Any]:
    """Look into the workbook and keep it until somebody decides."""
    file = given.form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        given.fault("file", NO_FILE)
    given.check()
    assert isinstance(file, UploadFile)

    async def effect(finish: Finish) -> Response[Any]:
        answers: list[Response[Any]] = []

        async def done(made: UUID) -> None:
            answers.append(to(f"/imports/{made}"))
            await finish(answers[0])

        await file.seek(0)
        content = await file.read()
        try:
            await importing.hand_in(
                content, file.filename, uploads=_uploads(request), actor=actor, now=now, today=today(), done=done
            )  # fmt: skip
        except Unreadable as unreadable:
            for reason, blanks in unreadable.reasons.items():
                given.fault("file", reason, **blanks)
            given.check()
        return answers[0]

    return await _outside(request, given, actor, now, effect)


async def _import(
    request: HtmxRequest, batch: UUID, actor: Actor, given: Given | None = None, reasons: Reasons | None = None,
    **_: Any,
) -> Response[Any]:  # fmt: skip
    one = await importing.one_import(batch, actor)
    return show(
        request,
        "registry/import.html",
        batch=one.row,
        name=one.name,
        summary=one.summary,
        faults=one.faults,
        by_name=one.by_name,
        kept=_uploads(request).has(one.row.stored),
        given=given,
        reasons=reasons or {},
    )


@page("/imports/{batch:uuid}", permission="registry.import")
async def import_page(request: HtmxRequest, batch: FromPath[UUID], actor: NamedDependency[Actor]) -> Response[Any]:
    """Show what a workbook would change, or has changed, and what is wrong with it."""
    return await _import(request, batch, actor)


@page("/imports/{batch:uuid}/faulty.xlsx", permission="registry.import")
async def faulty_file(
    request: HtmxRequest, batch: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Give back what was held, with what is wrong beside each row, to be mended and handed in again."""
    words = request.app.state.templates.globals["said"]
    content = await importing.faulty_workbook(
        batch, uploads=_uploads(request), actor=actor, now=now, today=today(), say=words
    )
    return _file(content, "mend.xlsx")


@act("/imports/{batch:uuid}/apply", permission="registry.import", redraw=_import, outside=True)
async def apply_import(
    request: HtmxRequest,
    batch: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Write everything that has no faults, in one go."""
    uploads = _uploads(request)

    async def effect(finish: Finish) -> Response[Any]:
        answer = to(f"/imports/{batch}", "ok", "core", N_("The import is applied."))
        await importing.apply_import(
            batch, uploads=uploads, leave_out_faulty=given.flag("leave_out"), actor=actor, now=now, today=today(),
            done=lambda: finish(answer),
        )  # fmt: skip
        return answer

    try:
        return await _outside(request, given, actor, now, effect)
    except Refused as refused:
        if MOVED_ON in refused.reasons:
            await importing.look_again(batch, uploads=uploads, actor=actor, now=now, today=today())
        raise


@act("/imports/{batch:uuid}/leave", permission="registry.import", redraw=_import, outside=True)
async def leave_import(
    request: HtmxRequest,
    batch: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Put the import aside; nothing of it is written and the workbook is deleted."""

    async def effect(finish: Finish) -> Response[Any]:
        answer = to("/imports", "ok", "core", N_("The import is left; nothing of it was written."))
        await importing.leave_import(
            batch, uploads=_uploads(request), actor=actor, now=now, done=lambda: finish(answer)
        )
        return answer

    return await _outside(request, given, actor, now, effect)


async def _outside(
    request: HtmxRequest,
    given: Given,
    actor: Actor,
    now: datetime,
    effect: Callable[[Finish], Awaitable[Response[Any]]],
) -> Response[Any]:
    """Have an effect once whose long part holds no transaction."""
    made: list[Response[Any]] = []

    async def run(operation: Operation) -> Any:
        made.append(await effect(lambda response: operation.done(answer_of(response))))

    answer = await once_outside(
        operation_id(given), actor=actor.user, route=request.url.path, request_hash=await request_hash(given), now=now,
        effect=run,
    )  # fmt: skip
    return made[0] if made else response_of(answer)


def _uploads(request: HtmxRequest) -> importing.Uploads:
    return importing.Uploads.of(request.app.state.settings)


def _file(content: bytes, name: str) -> Response[bytes]:
    return Response(
        content,
        media_type=XLSX,
        headers={
            "content-disposition": f'attachment; filename="{quote(name)}"',
            "cache-control": "no-store",
        },
    )


import_handlers: list[Any] = [
    imports_page,
    template_file,
    hand_in,
    import_page,
    faulty_file,
    apply_import,
    leave_import,
]
