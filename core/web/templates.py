"""The Jinja environment: where templates lie, what every one of them may call.

A page is looked for in the house first (`templates/social_work/order.html` overrides for one
county) and then in the plugin's own folder. A plugin's folder answers only for names that begin
with the plugin's, so no plugin can replace another's page or the house's.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import jinja2

from core.texts import LANGUAGE_NAMES, Catalogues, Words, install, speak_with

from .formats import FILTERS, distance, shown


class OwnFolder(jinja2.FileSystemLoader):
    """The templates of one plugin, found only under the plugin's name."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(folder)
        self.prefix = f"{name}/"

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        if not template.startswith(self.prefix):
            raise jinja2.TemplateNotFound(template)
        return super().get_source(environment, template)


def make_environment(
    folders: Sequence[Path], package_folders: Mapping[str, Path], catalogues: Catalogues
) -> jinja2.Environment:
    """Make the environment of the house.

    :param folders: template folders of the house, the first that has a page wins.
    :param package_folders: {plugin: its folder}, with `templates/<plugin>/…` and `static/…` in it.
    """
    plugins = [OwnFolder(name, folder / "templates") for name, folder in package_folders.items()]
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(folders), *plugins]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
    )
    environment.policies["ext.i18n.trimmed"] = True
    install(environment, catalogues)
    words = Words(catalogues, shown)
    speak_with(words)
    environment.filters.update(FILTERS, near=lambda moment: distance(moment, words))
    environment.globals.update(
        static=static_addresses(package_folders),
        operation=lambda: str(uuid4()),
        say=words.say,
        said=words.reason,
        language_names=LANGUAGE_NAMES,
    )
    return environment


def static_addresses(package_folders: Mapping[str, Path]) -> Callable[[str], str]:
    """Return `static(path)`: the address of a file with the hash of its content, so that it can be kept for ever."""
    core = Path(str(files("core"))) / "static"

    @cache
    def static(path: str) -> str:
        package, _, rest = path.partition("/")
        file = package_folders[package] / "static" / rest if package in package_folders else core / path
        return f"/static/{path}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:8]}"

    return static
