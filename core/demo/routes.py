"""What only the demo county has: the workbook to try the import with."""

from importlib.resources import files

from litestar import Response

from core.web import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXAMPLE = "households-300.xlsx"


@page("/imports/example", permission="registry.import")
async def example_workbook() -> Response[bytes]:
    """Hand out a filled workbook: 300 invented households, thirteen cells with faults."""
    return Response(
        files(__package__).joinpath(EXAMPLE).read_bytes(),
        media_type=XLSX,
        headers={"content-disposition": f'attachment; filename="{EXAMPLE}"'},
    )


demo_routes = [example_workbook]
