"""One form for every error that leaves the service: ``{"error": {"code", "message", "where"}}``.

::

    status  code                    when
    400     invalid_json            the body is no JSON
    401     unauthorized            no token, or one that is not known
    404     not_found               no such route
    405     method_not_allowed      another method is wanted; it stands in ``Allow``
    408     timeout                 the body did not arrive in time
    413     too_large               body, paragraphs, or one paragraph above its limit
    415     unsupported_media_type  another content type, encoding or charset than JSON in UTF-8
    422     invalid_input           a field is missing, unknown or of the wrong type or size
    422     (of standfirst.errors)  a document that cannot be read: empty_document, not_a_live_blog, ...
    429     busy                    too many requests wait; ``Retry-After`` says when to come again
    500     internal                a bug of ours; the log has the place, never the text
    503     timeout, unavailable    not done in time, or not ready
"""

import difflib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.responses import JSONResponse

from serving.logs import places
from standfirst.errors import DocumentError, DocumentTooLarge, InputError, ModelError, StandfirstError

MARK = "x-standfirst-refusal"
"""Header that tells the gate that an answer has our form already, and its code; the gate takes it off."""

_log = logging.getLogger("standfirst.serving")


@dataclass
class Refusal(Exception):
    """A request that is not answered with what it asked for."""

    status: int
    code: str
    message: str
    where: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, *, marked: bool = False) -> JSONResponse:
        """The refusal as an answer; an endpoint marks it for the gate."""
        headers = {**self.headers, MARK: self.code} if marked else dict(self.headers)
        return JSONResponse({"error": self.table()}, self.status, headers=headers)

    def table(self) -> dict[str, str]:
        """What a caller is told."""
        return {"code": self.code, "message": self.message, "where": self.where}


INTERNAL = ("internal", "something broke on our side; the log says where. Nothing of the request was kept")

_BY_STATUS = {
    404: ("not_found", "there is no such route"),
    405: ("method_not_allowed", "this route takes another method"),
    429: ("busy", "too many requests at once; come again in a moment"),
    503: ("unavailable", "not ready; come again in a moment"),
    504: ("timeout", "not done in time; send less at once"),
}


def of_status(status: int, headers: Mapping[str, str], path: str = "", routes: Sequence[str] = ()) -> Refusal:
    """A refusal for an error that somebody else answered, with the headers that matter to the caller."""
    code, message = _BY_STATUS.get(status, INTERNAL if status >= 500 else ("invalid_request", "not a valid request"))
    kept = {k: v for k, v in headers.items() if k.lower() in ("allow", "retry-after")}
    if status == 405 and "allow" in headers:
        message += f": {headers['allow']}"
    if status == 404:
        near = difflib.get_close_matches(path[:100], routes, n=1)
        message += f"; did you mean {near[0]}?" if near else f"; the routes are {', '.join(routes)}"
    return Refusal(status, code, message, headers=kept)


def of_error(error: Exception) -> Refusal:
    """A refusal for an exception; one that is not ours is logged and told to nobody."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, DocumentTooLarge):
        return Refusal(413, error.code, error.message, error.where or "document")
    if isinstance(error, DocumentError):
        return Refusal(422, error.code, error.message, error.where or "document")
    if isinstance(error, InputError):
        return Refusal(422, error.code, error.message, error.where)
    if isinstance(error, ModelError):
        _log.error("%s: %s", type(error).__name__, error)
        return Refusal(503, "unavailable", "the model cannot be used; the log says why")
    log_crash(error)
    return Refusal(500, *INTERNAL)


def log_crash(error: BaseException) -> None:
    """Log the kind of an error and where it passed, but not its message, which may quote a user."""
    code = {"code": error.code} if isinstance(error, StandfirstError) else {}
    _log.error("a bug", extra={"fields": {**code, **places(error)}})
