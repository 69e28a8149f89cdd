"""Keeps secrets secret: values encrypted with AES-256-GCM, found again by a keyed digest.

A sealed value reads `suite.key.nonce.text` in base64url: the suite and the key have names, so both
can change later without touching what stands. The key is derived from the setting `secret`.
"""

import base64
import hmac
import secrets
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE, KEY_NAME = "a1", "k1"
_secret: bytes | None = None


class SealBroken(RuntimeError):
    """A sealed value was changed, moved to another row, or sealed with another key."""


def open_vault(secret: str) -> None:
    """Set the secret that all keys come from; called once at start-up."""
    global _secret
    _secret = secret.encode()
    _key.cache_clear()


def seal(text: str, *, about: str) -> str:
    """Encrypt a text.

    :param about: what it belongs to (`registry_identity/<id>`); a value copied elsewhere does not open.
    """
    nonce = secrets.token_bytes(12)
    made = AESGCM(_key("seal")).encrypt(nonce, text.encode(), about.encode())
    return f"{SUITE}.{KEY_NAME}.{_text(nonce)}.{_text(made)}"


def unseal(sealed: str, *, about: str) -> str:
    """Decrypt what `seal` made with the same `about`.

    :raises SealBroken: it does not open.
    """
    try:
        suite, key, nonce, made = sealed.split(".")
        if (suite, key) != (SUITE, KEY_NAME):
            raise SealBroken(f"no key {key} of suite {suite}")
        return AESGCM(_key("seal")).decrypt(_bytes(nonce), _bytes(made), about.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SealBroken(f"the value of {about} does not open") from error


def blind(text: str, *, purpose: str) -> str:
    """Return a keyed digest by which an equal text is found again, and nothing else."""
    return hmac.new(_key(f"blind:{purpose}"), text.encode(), "sha256").hexdigest()


def mac(purpose: str) -> Callable[[bytes], str]:
    """Return a function that authenticates bytes for one purpose (the journal's rows and links)."""
    key = _key(f"mac:{purpose}")
    return lambda data: hmac.new(key, data, "sha256").hexdigest()


@lru_cache(maxsize=64)
def _key(purpose: str) -> bytes:
    if _secret is None:
        raise RuntimeError("the vault is closed; open_vault(settings.secret) at start-up")
    return HKDF(SHA256(), 32, salt=b"nuanliu", info=purpose.encode()).derive(_secret)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
