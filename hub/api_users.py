"""Over HTTP, for admins: who may use the hub."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from hub import users
from hub.context import Hub, Part
from hub.web import Asked, Json, endpoint


class NewUser(BaseModel):
    """Who is to be let in."""

    model_config = ConfigDict(extra="forbid")
    name: str
    role: str


def part(hub: Hub) -> Part:
    """Routes."""

    def all_users(_asked: Asked) -> Json:
        with hub.database.read() as session:
            rows = users.everybody(session)
        return {
            "users": [
                {"name": each.name, "role": each.role, "added": each.added, "used": each.used}
                for each in rows
            ]
        }

    def add_user(asked: Asked) -> Json:
        wanted = asked.read(NewUser)
        asked.target = wanted.name
        with hub.database.write() as session:
            token = users.add(session, wanted.name, wanted.role, hub.clock())
        return {"name": wanted.name, "role": wanted.role, "token": token}

    def remove_user(asked: Asked) -> Json:
        with hub.database.write() as session:
            users.remove(session, asked.path["name"])
        return {"removed": asked.path["name"]}

    return Part(
        routes=(
            endpoint(hub, "GET", "/users", "admin", all_users),
            endpoint(hub, "POST", "/users", "admin", add_user),
            endpoint(hub, "DELETE", "/users/{name}", "admin", remove_user),
        )
    )
