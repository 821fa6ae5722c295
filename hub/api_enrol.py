"""Enrolment: tokens over HTTP, requests over MQTT, renewals and revocations by themselves."""

from __future__ import annotations

from fleet import topics
from hub import keys, revocation, tokens
from hub.bus import Listener
from hub.context import Hub, Job, Part
from hub.enrol import Desk
from hub.renewal import Renewal
from hub.tables import Kiosk
from hub.web import Asked, Json, Problem, endpoint

FILTER = f"$share/hub-enrol/{topics.ENROL_FILTER}"
"""As in `hub.shelf`, a group of its own."""
RENEWAL_S = 3600.0


def part(hub: Hub) -> Part:
    """POST and GET /enrol-tokens, POST /kiosks/{device}/revoke; listener and jobs."""
    key = keys.enrol_key(hub.data / keys.KEYS)

    def make_enrol_token(asked: Asked) -> Json:
        wanted = asked.read(tokens.Wanted)
        with hub.database.write() as session:
            token = tokens.make(session, key, wanted, asked.who, hub.clock())
        asked.target = token.split(".")[0]
        return {"token": token, "expires": hub.clock() + wanted.lives_s}

    def revoke_kiosk(asked: Asked) -> Json:
        device = asked.path["device"]
        with hub.database.write() as session:
            kiosk = session.get(Kiosk, device)
            if kiosk is None:
                raise Problem(404, f"kiosk {device}: there is none; see kiosk fleet ls")
            kiosk.revoked = kiosk.revoked or hub.clock()
            return {"device": device, "revoked": kiosk.revoked}

    def list_enrol_tokens(_asked: Asked) -> Json:
        with hub.database.read() as session:
            return {"tokens": tokens.rows(session)}

    return Part(
        routes=[
            endpoint(hub, "POST", "/enrol-tokens", "admin", make_enrol_token),
            endpoint(hub, "GET", "/enrol-tokens", "admin", list_enrol_tokens),
            endpoint(hub, "POST", "/kiosks/{device}/revoke", "admin", revoke_kiosk),
        ],
        listeners=[Listener(FILTER, Desk(hub).handle)],
        jobs=[
            Job("revocation", revocation.EVERY_S, revocation.Revocation(hub).run),
            Job("renewal of certificates", RENEWAL_S, Renewal(hub).run),
        ],
    )
