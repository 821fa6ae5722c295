"""The part of the hub that kiosks pull content from: answers up/get, and keeps signatures fresh."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fleet import topics
from fleet.messages import Get
from hub import admission, metrics, registry, roles
from hub.admission import Entry
from hub.bus import Listener, Message
from hub.content import FOLDER, Content
from hub.context import Hub, Job, Part
from hub.keys import KEYS, Keyring, open_to_others
from hub.reading import Rejection, Sort
from hub.rejections import Recorder
from hub.repository import Repository
from hub.serving import CHUNK_LIVES_S, Serving

LOG = logging.getLogger(__name__)
REFRESH_S = 3600.0
FILTER = f"$share/hub-get/{topics.ROOT}/d/+/up/get"
"""Of several hub processes one answers a question. The group has a name of its own: rumqttd takes
all members of one name for one group, whatever they subscribe to."""


def repository_of(hub: Hub) -> Repository:
    """The hub's own."""
    return Repository(Content(hub.data / FOLDER), Keyring(hub.data / KEYS))


def part(hub: Hub) -> Part:
    """See above."""
    repository = repository_of(hub)
    serving = Serving(repository.content)

    recorder = Recorder(hub.database, hub.clock)

    def answer(messages: Sequence[Message]) -> None:
        found = [registry.read(message, Get) for message in messages]
        asked = [each for each in found if isinstance(each, Get)]
        bad = [each for each in found if isinstance(each, Rejection)]
        known = look_up(hub, {get.device for get in asked})
        for get in asked:
            entry = known.get(get.device)
            if entry is None or entry.revoked:
                sort: Sort = "revoked" if entry else "unknown"
                bad.append(Rejection(sort, f"{sort} kiosk asks for content", get.device))
                continue
            send(get)
        recorder.record(bad)

    def send(get: Get) -> None:
        for each in serving.answers(get.device, get, hub.clock()):
            hub.bus.publish(each.topic, each.payload, qos=0, expiry_s=CHUNK_LIVES_S)
            metrics.SERVED_BYTES.inc(len(each.payload))

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


def look_up(hub: Hub, devices: set[str]) -> dict[str, Entry]:
    """Those that are in the registry."""
    if not devices:
        return {}
    # Only who has said something of itself is taken in by an open registry: reading is enough.
    with hub.database.read() as session:
        return admission.look_up(session, devices, hub.clock(), open_registry=False)
