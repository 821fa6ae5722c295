"""How a part of the hub offers something over HTTP: who may ask, what is audited, how it fails.

A handler is a plain function on a thread: `Asked -> JSON`. What it raises becomes
`{"error": "one line"}`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fleet.errors import KioskError
from hub import audit, users
from hub.context import Hub
from hub.users import Role

LOG = logging.getLogger(__name__)
MAX_BODY_BYTES = 1024 * 1024
API = "/api/1"
Method = Literal["GET", "POST", "PATCH", "DELETE"]
Json = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)
_SECRET = {"token", "secret", "password", "key"}
_STATUS = {"input": 400, "missing": 404, "internal": 500}


class Problem(KioskError):
    """A failure with an HTTP status of its own: 403, 404, 409, 413 …"""

    def __init__(self, status: int, message: str) -> None:
        super().__init__("input", message)
        self.status = status


@dataclass(slots=True)
class Asked:
    """One request, by somebody who may."""

    who: str
    path: Mapping[str, str]
    """What stands for {…} in the path."""
    query: Mapping[str, str]
    content: bytes = b""
    """The body as it came."""
    target: str = ""
    """For the audit, where it is not in the path."""
    detail: str = ""
    """As `target`; the body's JSON if empty."""
    _json: Json | None = field(default=None, repr=False)

    def json(self) -> Json:
        """The body; Problem if it is no JSON object."""
        if self._json is None:
            self._json = _object(self.content)
        return self._json

    def read(self, kind: type[Model]) -> Model:
        """The body, checked; Problem names the field that is wrong."""
        try:
            return kind.model_validate_json(self.content or b"{}")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "body"
            raise Problem(400, f"{where}: {first['msg']}") from error

    def number(self, name: str, otherwise: float, least: float, most: float) -> float:
        """Of the query; Problem if it is none between the two."""
        text = self.query.get(name, "")
        if not text:
            return otherwise
        try:
            found = float(text)
        except ValueError:
            found = float("nan")
        if not least <= found <= most:
            raise Problem(400, f"{name}: must be a number from {least:g} to {most:g}")
        return found


Handler = Callable[[Asked], Json]


def endpoint(
    hub: Hub,
    method: Method,
    path: str,
    role: Role,
    handle: Handler,
    max_bytes: int = MAX_BODY_BYTES,
) -> Route:
    """A route under /api/1: for `role` and above; audited, unless it is a GET.

    The audit's action is the handler's name: `revoke_kiosk` -> revoke-kiosk.
    """
    action = getattr(handle, "__name__", "unknown").strip("_").replace("_", "-")

    async def answer(request: Request) -> Response:
        try:
            content = await _body(request, max_bytes)
            found = await run_in_threadpool(
                _carry_out, hub, request, content, role, handle, "" if method == "GET" else action
            )
        except ClientDisconnect:
            return Response(status_code=400)
        except KioskError as error:
            return failure(error)
        except Exception:
            LOG.exception("%s %s", method, path)
            return JSONResponse({"error": "internal error; the hub's log says where"}, 500)
        return JSONResponse(found)

    return Route(API + path, answer, methods=[method])


def failure(error: KioskError) -> Response:
    """As the console reads it."""
    status = error.status if isinstance(error, Problem) else _STATUS[error.code]
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({"error": error.message}, status, headers=headers)


def _carry_out(
    hub: Hub, request: Request, content: bytes, role: Role, handle: Handler, action: str
) -> Json:
    """`action`: for the audit; empty for what changes nothing."""
    who = _who(hub, request, role)
    asked = Asked(who, request.path_params, request.query_params, content)
    try:
        found = handle(asked)
    except KioskError as error:
        if action:
            _audit(hub, asked, action, f"refused: {error.message}")
        raise
    if action:
        _audit(hub, asked, action, asked.detail or _without_secrets(content))
    return found


def _who(hub: Hub, request: Request, role: Role) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem(401, "no token: send Authorization: Bearer TOKEN")
    with hub.database.read() as session:
        user = users.find(session, token.strip())
    if user is None:
        raise Problem(401, "unknown token: ask an admin for a new one (kiosk hub user add)")
    if not users.may(user.role, role):
        raise Problem(403, f"{user.name} is {user.role}; this needs {role}")
    return user.name


def _audit(hub: Hub, asked: Asked, action: str, detail: str) -> None:
    target = asked.target or ",".join(asked.path.values())
    with hub.database.write() as session:
        users.touch(session, asked.who, hub.clock())
        audit.note(session, hub.clock(), asked.who, action, target, detail)


def _without_secrets(content: bytes) -> str:
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return f"{len(content):,} bytes"
    if not isinstance(found, dict):
        return ""
    kept = {key: value for key, value in found.items() if key not in _SECRET}
    return json.dumps(kept, ensure_ascii=False) if kept else ""


def _object(content: bytes) -> Json:
    try:
        found = json.loads(content or b"{}")
    except (ValueError, RecursionError) as error:
        raise Problem(400, "body: no JSON") from error
    if not isinstance(found, dict):
        raise Problem(400, "body: must be a JSON object")
    return found


async def _body(request: Request, max_bytes: int) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > max_bytes:
            raise Problem(413, f"body: more than {max_bytes:,} bytes")
    return bytes(content)
