"""The admins' side of the hub's HTTP API: who asks, where, and what came back, in one line each."""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleet.errors import KioskError
from fleet.folders import config_folder, demo_folder

if TYPE_CHECKING:
    import httpx

VARIABLE = "KIOSK_HUB_ADMIN"
FILE = "admin.toml"
TIMEOUT_S = 30.0
MEND = f"name the file of your access by {VARIABLE}, or put it at ~/.config/lobby-kiosk/{FILE}"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Access:
    """Where the hub is, and the token that says who asks."""

    hub: str
    """https://hub.example:8090"""
    token: str


def access(file: Path | None = None) -> Access:
    """From `file`, else the variable's, else the user's own, else the demo's; KioskError if none.

    The file is TOML with `hub` and `token`.
    """
    named = file or _from_variable()
    usual = [config_folder() / FILE, demo_folder() / FILE]
    places = [named] if named else [place for place in usual if place.is_file()]
    if not places:
        raise KioskError("input", f"no access to a hub is set up: {MEND}")
    return _read(places[0])


class Client:
    """Asks the hub. Every failure is a KioskError with the hub's own line."""

    def __init__(self, who: Access, transport: httpx.BaseTransport | None = None) -> None:
        self._who = who
        self._transport = transport

    def get(self, path: str, **query: object) -> Json:
        """Read; queries that are None or empty are left out."""
        params = {key: str(value) for key, value in query.items() if value not in (None, "")}
        return self._ask("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Json:
        """Do something."""
        return self._ask("POST", path, json=dict(body or {}))

    def patch(self, path: str, body: Mapping[str, object]) -> Json:
        """Change something."""
        return self._ask("PATCH", path, json=dict(body))

    def upload(self, path: str, content: bytes) -> Json:
        """Send a file."""
        kind = {"Content-Type": "application/octet-stream"}
        return self._ask("POST", path, content=content, headers=kind)

    def _ask(self, method: str, path: str, **what: Any) -> Json:
        import httpx  # half a second that no other command should wait

        logging.getLogger("httpx").setLevel(logging.WARNING)
        hub, token = self._who.hub, self._who.token
        headers = {"Authorization": f"Bearer {token}", **what.pop("headers", {})}
        try:
            # Its settings of proxies are for the world outside; a hub is named by its address.
            with httpx.Client(
                timeout=TIMEOUT_S, transport=self._transport, trust_env=False
            ) as http:
                answer = http.request(method, f"{hub}/api/1/{path}", headers=headers, **what)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise KioskError("missing", f"hub {hub} cannot be reached: {reason}") from error
        found = _json(answer)
        if answer.is_success:
            return found
        said = found.get("error") or f"HTTP status {answer.status_code}"
        raise KioskError("input", f"the hub says: {said}")


def _json(answer: httpx.Response) -> Json:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _from_variable() -> Path | None:
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def _read(file: Path) -> Access:
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise KioskError("input", f"{file}: cannot be read ({error.strerror}); {MEND}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KioskError("input", f"{file}: not valid TOML: {error}") from error
    hub, token = found.get("hub"), found.get("token")
    if not (isinstance(hub, str) and hub.startswith(("http://", "https://"))):
        raise KioskError("input", f"{file}: hub: must be an address such as https://hub:8090")
    if not (isinstance(token, str) and token.isascii() and token.isprintable() and token):
        raise KioskError("input", f"{file}: token: missing")
    return Access(hub.rstrip("/"), token)
