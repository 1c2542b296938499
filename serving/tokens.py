"""Optional bearer tokens: who may ask, and as whom they are counted."""

import hashlib
import hmac
import logging
import time
from collections.abc import Mapping
from pathlib import Path

from serving.errors import Refusal
from standfirst.errors import InputError

SHORTEST = 16
"""Characters of a token; ``openssl rand -hex 24`` makes one of 48."""
_LOOK_S = 1.0
_log = logging.getLogger("standfirst.tokens")


class Tokens:
    """The tokens of a file, one a line; blank lines and lines with ``#`` in front count for nothing.

    The file is looked at again at most once a second, so that tokens are rotated by writing it: put the new one in
    beside the old, move the callers over, take the old one out. A file that is broken or gone in the meantime changes
    nothing.

    Raises
    ------
    InputError
        If the file cannot be read, has no token, or has one that is too short, when it is first read.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state = _state(path)
        self._digests = _read(path)
        self._looked = time.monotonic()

    def caller(self, headers: Mapping[bytes, bytes]) -> str:
        """A name for the caller that gives nothing away; raises ``Refusal`` (401) for who has no token.

        Every token is compared with what came, in constant time, whichever of them fits.
        """
        self._refresh()
        scheme, _, sent = headers.get(b"authorization", b"").partition(b" ")
        digest = hashlib.sha256(sent.strip()).digest()
        fitting = [known for known in self._digests if hmac.compare_digest(known, digest)]
        if scheme.lower() != b"bearer" or not fitting:
            message = "send one of the tokens that this service knows: Authorization: Bearer TOKEN"
            raise Refusal(401, "unauthorized", message, "Authorization", {"WWW-Authenticate": "Bearer"})
        return fitting[0].hex()[:8]

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked < _LOOK_S:
            return
        self._looked = now
        state = _state(self._path)
        if state == self._state:
            return
        try:
            self._digests = _read(self._path)
            self._state = state
            _log.info("tokens read again: %d", len(self._digests))
        except InputError as error:
            _log.error("the tokens stay as they were: %s", error)


def _read(path: Path) -> list[bytes]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        raise InputError("the file cannot be read", where="tokens_file") from None
    tokens = [line for line in lines if line and not line.startswith("#")]
    if not tokens:
        raise InputError("the file has no token; expected one a line", where="tokens_file")
    if any(len(token) < SHORTEST or not token.isascii() for token in tokens):
        raise InputError(f"a token has fewer than {SHORTEST} characters, or others than ASCII", where="tokens_file")
    return [hashlib.sha256(token.encode()).digest() for token in tokens]


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
