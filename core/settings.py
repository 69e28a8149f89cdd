"""One typed settings object, read from the environment (and a file named by NUANLIU_SETTINGS)."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

DEFAULT_FILE = Path("var/nuanliu.toml")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LEAST = {"upload_limit_mb": 1, "share_grace_days": 0}


class SettingsError(ValueError):
    """A setting is missing or cannot be read; says which and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """What differs between one house and the next.

    :param secret: at least 32 characters; keys for encryption, search and seals are derived from it.
        Never part of a backup of the database.
    :param checkpoints: a file outside the database where the sealer writes what it has sealed.
    """

    database_url: str = "sqlite:///var/nuanliu.sqlite"
    secret: str = ""
    demo: bool = False
    disabled_plugins: tuple[str, ...] = ()
    tls: bool = False
    checkpoints: Path = Path("var/checkpoints.jsonl")
    uploads: Path = Path("var/uploads")
    upload_limit_mb: int = 20
    share_grace_days: int = 30
    log_level: str = "INFO"

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read NUANLIU_… variables; they win over the TOML file that NUANLIU_SETTINGS names.

        Without NUANLIU_SETTINGS the file is `var/nuanliu.toml`, if there is one: `nuanliu demo` writes it.

        :raises SettingsError: an unknown name in the file, or a value of the wrong kind or out of its range.
        """
        environment = os.environ if environment is None else environment
        given: dict[str, Any] = {}
        file = environment.get("NUANLIU_SETTINGS") or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
        if file:
            try:
                given = tomllib.loads(Path(file).read_text())
            except (OSError, tomllib.TOMLDecodeError) as error:
                raise SettingsError(f"the settings file {file} cannot be read: {error}") from error
        kinds = {field.name: field.type for field in fields(cls)}
        for name in given.keys() - kinds.keys():
            raise SettingsError(f"{name!r} in the settings file is no setting; known are {', '.join(kinds)}")
        for name in kinds:
            if (value := environment.get(f"NUANLIU_{name.upper()}")) is not None:
                given[name] = value
        settings = cls(**{name: _read(name, kinds[name], value) for name, value in given.items()})
        _check(settings)
        if len(settings.secret) < 32 and not settings.demo:
            raise SettingsError(
                "NUANLIU_SECRET must be set to at least 32 random characters, "
                "for instance: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return settings


def _check(settings: Settings) -> None:
    scheme, _, rest = settings.database_url.partition("://")  # never shown whole: it may hold a password
    if scheme not in ("sqlite", "postgresql", "postgres"):
        raise SettingsError(
            f"NUANLIU_DATABASE_URL begins with {scheme[:20]!r}; use sqlite:///path or postgresql://user:password@host/name"
        )
    if scheme == "sqlite" and len(rest) < 2:
        raise SettingsError("NUANLIU_DATABASE_URL names no file; use sqlite:///path")
    if settings.log_level not in LOG_LEVELS:
        raise SettingsError(f"NUANLIU_LOG_LEVEL={settings.log_level!r} is none of {', '.join(LOG_LEVELS)}")
    for name, least in LEAST.items():
        if (value := getattr(settings, name)) < least:
            raise SettingsError(f"NUANLIU_{name.upper()}={value} is too small; it is {least} or more")


def _read(name: str, kind: Any, value: Any) -> Any:
    try:
        if kind is bool:
            return value if isinstance(value, bool) else {"1": True, "true": True, "0": False, "false": False}[value]
        if kind is int:
            return int(value)
        if name == "log_level":
            return str(value).upper()
        if kind is Path:
            return Path(value)
        if kind == tuple[str, ...]:
            words = value.split(",") if isinstance(value, str) else value
            return tuple(word.strip() for word in words if word.strip())
        return str(value)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"NUANLIU_{name.upper()}={value!r} is not a {getattr(kind, '__name__', 'list')}") from error
