"""The running kiosk: models loaded, page served, microphone of the page heard."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time

from knowledge.pack import Pack
from terminal import assembly
from terminal.config import Settings
from terminal.dialogue.dialogue import Dialogue
from terminal.display import PageDisplay
from terminal.events import Event
from terminal.runner import Runner
from terminal.screen.screen import Screen
from terminal.screen.server import create_app, serve
from terminal.screen.views import Message, home_message

log = logging.getLogger(__name__)

LIKELIEST = (
    "gov.social_card.reissue",
    "gov.id_card.renew",
    "gov.medical.remote",
    "gov.housing_fund.withdraw",
    "gov.pension.verify",
    "gov.residence_permit.apply",
    "bank.card.lost",
    "bank.pin.reset",
    "bank.cash.large",
    "bank.statement",
    "bank.cash.damaged",
    "bank.mobile.register",
    "site.hours",
    "queue.take",
)
"""Offered on the first screen where the settings name nothing else."""
SUGGESTIONS = 8


def run(settings: Settings) -> None:
    """Load, serve, and stay until SIGINT or SIGTERM."""
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    began = time.perf_counter()
    ready = False
    early: list[Event] = []
    runner: Runner | None = None

    def post(event: Event) -> None:
        """To the runner; while models load, a page may be there already, and waits."""
        if runner is None:
            early.append(event)
        else:
            runner.post(event)

    screen = Screen(post)
    app = create_app(screen, ready=lambda: ready, hosts=(settings.screen.host,))
    # The port first: a taken one must be told before seconds of loading.
    async with serve(app, settings.screen.host, settings.screen.port) as address:
        print(f"loading models and pack {settings.pack} …", file=sys.stderr, flush=True)
        pack = assembly.open_pack(settings.pack)
        engines = await asyncio.to_thread(assembly.open_engines, settings)
        display = PageDisplay(screen.show, home(settings, pack, engines.dialogue))
        runner = Runner(
            engines,
            screen.link.speaker,
            display,
            endpoint=assembly.endpoint_settings(settings),
            barge_in=settings.turn.barge_in,
            canceller=assembly.open_canceller(settings),
        )
        for event in early:
            runner.post(event)
        ready = True
        print(
            f"ready in {time.perf_counter() - began:.1f} s: open {address} in a browser",
            file=sys.stderr,
            flush=True,
        )
        await _serve_visits(runner, screen, settings)


async def _serve_visits(runner: Runner, screen: Screen, settings: Settings) -> None:
    tasks = [runner.run(), runner.listen_to(screen.link.microphone)]
    if settings.voice_cache.prepare:
        tasks.append(runner.prepare_voice())
    main = asyncio.gather(*tasks)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, main.cancel)
    try:
        await main
    except asyncio.CancelledError:
        log.info("stopping")


def home(settings: Settings, pack: Pack, dialogue: Dialogue) -> Message:
    """The first screen's content."""
    wanted = settings.screen.suggestions or LIKELIEST
    return home_message(
        hall=pack.site.name,
        greeting=settings.screen.greeting,
        suggestions=dialogue.suggestions(wanted)[:SUGGESTIONS],
        phone=pack.site.phones["consult"],
        sample=pack.manifest.sample,
        voice_rate_hz=24_000,
    )
