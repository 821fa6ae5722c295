"""The part of the hub that kiosks pull content from: answers up/get, and keeps signatures fresh."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fleet import codec, topics
from fleet.errors import KioskError
from fleet.messages import Get
from hub import admission, roles
from hub.bus import Listener, Message
from hub.content import FOLDER, Content
from hub.context import Hub, Job, Part
from hub.keys import KEYS, Keyring, open_to_others
from hub.repository import Repository
from hub.serving import CHUNK_LIVES_S, Serving

LOG = logging.getLogger(__name__)
REFRESH_S = 3600.0
FILTER = f"$share/hub/{topics.ROOT}/d/+/up/get"
"""Of several hub processes one answers a question."""


def repository_of(hub: Hub) -> Repository:
    """The hub's own."""
    return Repository(Content(hub.data / FOLDER), Keyring(hub.data / KEYS))


def part(hub: Hub) -> Part:
    """See above."""
    repository = repository_of(hub)
    serving = Serving(repository.content)

    def answer(messages: Sequence[Message]) -> None:
        asked = [got for message in messages if (got := read(message)) is not None]
        known = allowed(hub, {get.device for get in asked})
        for get in asked:
            if get.device in known:
                for each in serving.answers(get.device, get, hub.clock()):
                    hub.bus.publish(each.topic, each.payload, qos=0, expiry_s=CHUNK_LIVES_S)

    def refresh() -> None:
        if repository.refresh(hub.clock()):
            LOG.info("content: signed anew")
        if roles.due(repository.content.root().signed, hub.clock()):
            LOG.warning("content: root expires soon; run kiosk hub rotate-root with its key")
        for path in open_to_others(hub.data / KEYS):
            LOG.warning("%s: others than its owner may read it; chmod 600", path)

    return Part(
        listeners=[Listener(FILTER, answer, qos=0)],
        jobs=[Job("content signatures", REFRESH_S, refresh)],
    )


def read(message: Message) -> Get | None:
    """What a kiosk asks for on its own topic; None if it is nothing, or says it is another."""
    source = topics.from_device(message.topic)
    try:
        got = codec.decode(Get, message.payload)
    except KioskError as error:
        LOG.warning("%s: %s", message.topic, error.message)
        return None
    if source is None or source.device != got.device:
        LOG.warning("%s: a question that says it is of %s", message.topic, got.device)
        return None
    return got


def allowed(hub: Hub, devices: set[str]) -> set[str]:
    """Those that are in the registry and not revoked."""
    if not devices:
        return set()
    # Only who has said something of itself is taken in by an open registry: reading is enough.
    with hub.database.read() as session:
        found = admission.look_up(session, devices, hub.clock(), open_registry=False)
    return {device for device, entry in found.items() if not entry.revoked}
