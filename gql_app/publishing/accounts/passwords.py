"""Passwords: Argon2id, at the same cost whether or not there is such an account."""

import base64
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

STANDARD = PasswordHasher()
"""The library's choice of parameters, which follows RFC 9106."""


class Passwords:
    """Hashes passwords and compares them with hashes. Slow on purpose: call it in a
    thread."""

    def __init__(self, hasher: PasswordHasher = STANDARD) -> None:
        self._hasher = hasher
        self._nobodys = _made_up_hash(hasher)

    def hash(self, password: str) -> str:
        """The hash to store, with its parameters and a salt of its own."""
        return self._hasher.hash(_normalised(password))

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether the stored hash is of this password; without one, the answer is no,
        after as much work."""
        try:
            return self._hasher.verify(stored or self._nobodys, _normalised(password))
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(stored)


def _normalised(password: str) -> str:
    """As in RFC 8265: keyboards differ in how they send the same letters."""
    return unicodedata.normalize("NFC", password)


def _made_up_hash(hasher: PasswordHasher) -> str:
    """What no password gives; that it was never computed can't be seen by anyone."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, tag = (_base64(size) for size in (hasher.salt_len, hasher.hash_len))
    return f"$argon2id$v=19${cost}${salt}${tag}"


def _base64(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
