"""What a simulation and the demo ask of a hub: its HTTP API, as an admin."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from knowledge import built
from terminal.errors import KioskError

TIMEOUT_S = 60.0


class HubApi:
    """One hub. Every failure is a KioskError in one line."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            trust_env=False,
        )

    def get(self, path: str) -> dict[str, Any]:
        """Read."""
        return self._ask("GET", path)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Do something."""
        return self._ask("POST", path, json=dict(body))

    def publish(self, index: Path) -> str:
        """Upload the built pack of that index; its label."""
        content = packed(index)
        told = self._ask("POST", "/api/1/packs", content=content)
        return str(told["pack"])

    def roll_out(self, pack: str, select: Mapping[str, object], **more: object) -> str:
        """To all of `select` at once; the rollout's id. `more`: of the rollout's settings."""
        wanted = {"pack": pack, "select": dict(select), "canary_percent": 100, "soak_s": 0, **more}
        return str(self.post("/api/1/rollouts", wanted)["rollout"])

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise KioskError("missing", f"the hub does not answer ({error})") from error
        try:
            told = answer.json()
        except ValueError:
            told = {}
        if answer.is_error:
            said = told.get("error", answer.reason_phrase) if isinstance(told, dict) else ""
            raise KioskError("input", f"the hub refuses {method} {path}: {said}")
        return dict(told)


def packed(index: Path) -> bytes:
    """A tar of one built pack: its index, and the pieces that it names."""
    found = built.open_index(index)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(index, index.name)
        for sha in sorted({sha for parts in found.files.values() for sha, _ in parts}):
            tar.add(index.parent / built.BLOBS / sha, f"{built.BLOBS}/{sha}")
    return out.getvalue()
