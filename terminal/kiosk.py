"""The running kiosk: models loaded, page served, microphone of the page heard."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import date
from functools import partial
from pathlib import Path

from fleet.folders import state_folder
from hardware.played import Played
from knowledge import pack as packs
from knowledge.pack import Pack
from models.base import Encoder
from terminal import assembly, disk_space
from terminal.assembly import Loading
from terminal.care import Care
from terminal.caretaker import Caretaker, Renewable
from terminal.closed import counter_of
from terminal.config import Settings, cache_folder
from terminal.device_faults import Condition
from terminal.devices import BROWSER, Devices, has_system_echo
from terminal.dialogue.dialogue import Dialogue
from terminal.display import PageDisplay
from terminal.errors import KioskError
from terminal.events import (
    Command,
    Event,
    MicrophoneChanged,
)
from terminal.health import Health, Part
from terminal.joining import let_announce, membership_of
from terminal.lexicon import Lexicon
from terminal.lookout import Lookout, MotionLookout, open_lookout
from terminal.membership import Membership
from terminal.notices import PRINTER
from terminal.notify import Notifier
from terminal.peripherals import Peripherals
from terminal.runner import Engines, Runner, Step
from terminal.safe_mode import Mode, lighter
from terminal.screen.screen import Screen
from terminal.screen.server import create_app, serve
from terminal.screen.views import (
    Message,
    home_message,
    microphone_message,
)
from terminal.scrub import settle
from terminal.sources import camera_of, sees, sight, sources
from terminal.speaking import Speaking
from terminal.stages import Watch, of_microphone, of_runner
from terminal.starting import Ended, Start, StartAgain, loaded
from terminal.supervisor import GiveUp, Restart
from terminal.trace import print_step

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


LOADING_S = 120.0
"""What systemd is asked to wait for models on a slow card; they take 10 s on a fast disk."""

EARLY = 256
"""Events kept while models load; pages that come and go for hours must not fill the memory."""

Load = Callable[[Settings], Loading]


def run(
    settings: Settings,
    *,
    trace: bool = False,
    load_with: Load = Loading,
    start: Start | None = None,
) -> None:
    """Load, serve, and stay until SIGINT or SIGTERM. `trace`: print every step."""
    if stay(settings, trace=trace, load_with=load_with, start=start):
        start_again()


def stay(
    settings: Settings,
    *,
    trace: bool = False,
    load_with: Load = Loading,
    start: Start | None = None,
) -> bool:
    """As `run`; whether the program is to start again, since its hub wants it to."""
    return asyncio.run(_member_run(settings, load_with, start or Start(), trace=trace))


def start_again() -> None:
    """This very program, in this very process. Nothing after it is done."""
    log.info("starting again")
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


async def _member_run(settings: Settings, load_with: Load, start: Start, *, trace: bool) -> bool:
    """As a member of the fleet, if there is one; whether the kiosk is to start again."""
    member = await membership_of(settings, start)
    is_bare = start.mode == "bare"
    own = member.settings if member and not is_bare else lighter(settings, start.mode)
    if member is not None:
        let_announce(member, start)
    restart = member.restart if member else asyncio.Event()
    full_member = None if is_bare else member
    try:
        await _run(own, full_member, load_with(own), start, restart, trace=trace)
    except StartAgain:
        return True
    except Ended:
        log.info("stopping")
    finally:
        if member is not None:
            await asyncio.to_thread(member.leave)
    start.ended_well()
    return restart.is_set()


async def _run(
    settings: Settings,
    member: Membership | None,
    loading: Loading,
    start: Start,
    restart: asyncio.Event,
    *,
    trace: bool,
) -> None:
    notifier = Notifier()
    clock = asyncio.get_running_loop().time
    health = Health(sources(settings), clock())
    devices: Devices | None = None
    began = time.perf_counter()
    ready = False
    early: deque[Event] = deque(maxlen=EARLY)
    folders = {"cache": cache_folder(), "state": state_folder()}
    runner: Runner | None = None
    caretaker: Caretaker | None = None
    care: Care | None = None

    def report() -> dict[str, object]:
        """For programs of this machine."""
        known = health.report(clock(), screen.link.microphone.dropped)
        known |= member.health() if member else {}
        known["start"] = start.report()
        known["disks"] = disk_space.report(folders)
        return {**known, **_looked_after(caretaker, care)}

    def post(event: Event) -> None:
        """To the runner; while models load, a page may be there already, and waits."""
        health.note(event, clock())
        if isinstance(event, MicrophoneChanged) and has_own_microphone:
            screen.show(microphone_message(event.state))
        if runner is None:
            early.append(event)
        else:
            runner.post(event)

    def take(event: Event) -> None:
        """Of the page."""
        if devices is None:
            early.append(event)
        else:
            devices.take(event)

    has_own_microphone = settings.audio.microphone != BROWSER
    screen = Screen(take)
    app = create_app(
        screen,
        ready=lambda: ready,
        hosts=(settings.screen.host,),
        camera=camera_of(settings) == "browser",
        microphone=not has_own_microphone,
        report=report,
    )
    # The port first: a taken one must be told before seconds of loading.
    async with serve(app, settings.screen.host, settings.screen.port) as address:
        print(f"loading models and pack {settings.pack} …", file=sys.stderr, flush=True)
        notifier.loading("loading models", LOADING_S)
        look_out = partial(open_lookout, sight(settings), screen.link.camera, post)

        opening = partial(_open, settings, loading, start.mode, look_out)
        pack, engines, lookout = await loaded(start, opening, settings, screen.show, notifier)
        system_echo = await asyncio.to_thread(has_system_echo, settings)
        devices = Devices(settings, screen.link, post, health, system_echo=system_echo)

        def show(message: Message) -> None:
            screen.show(message)
            if message["type"] == "wipe":
                own.forget()

        own = devices
        told = partial(_tell_condition, health, clock)
        peripherals = Peripherals(settings.devices, pack.site.name, post, tell=told)
        first = home(settings, pack, engines.dialogue)
        display = PageDisplay(show, first)
        runner = Runner(
            engines,
            devices.speaker,
            display,
            endpoint=assembly.endpoint_settings(settings),
            greeting=settings.presence.greeting,
            policy=settings.attention.policy,
            called=settings.wake.prompt,
            wake=assembly.wake_settings(settings),
            barge_in=settings.turn.barge_in,
            canceller=assembly.open_canceller(settings, system_echo=system_echo),
            played=Played(devices.delay_s),
            on_step=_steps(member, peripherals, trace=trace),
            on_turn=member.turn if member else lambda _turn: None,
        )
        if member is not None:
            take = partial(take_up, settings, runner, display)
            member.join(runner, pack, health, partial(load, engines.encoder), take)
        start.reopen(screen.show, first)
        for event in start.still_meant(early):
            devices.take(event)
        await asyncio.to_thread(settle)
        ready = True
        print(
            f"ready in {time.perf_counter() - began:.1f} s: open {address} in a browser",
            file=sys.stderr,
            flush=True,
        )
        notifier.ready(start.status())
        stages = of_runner(runner, engines, loading, system_echo=system_echo)
        watch = Watch(lookout, look_out) if lookout is not None else None
        listening = Renewable(partial(runner.listen_to, devices.microphone))
        if has_own_microphone:
            stages.append(of_microphone(runner, listening, lambda: health.is_on("microphone")))
        if watch is not None:
            stages.append(watch.stage)
        patient = [stage.with_patience(settings.care.patience) for stage in stages]
        caretaker = Caretaker(patient, notifier, partial(_tell_stuck, trace=trace))
        care = Care(settings.care, runner, _sparing(watch))
        tasks = [runner.run(), listening.run(), devices.run(), caretaker.run(), care.run()]
        tasks += [peripherals.run(), start.prove()]
        if watch is not None:
            tasks.append(watch.run())
        if settings.voice_cache.prepare:
            tasks.append(runner.keep_voice_prepared())
        try:
            await _serve_visits(tasks, restart)
        finally:
            notifier.stopping()


def _tell_condition(
    health: Health, clock: Callable[[], float], part: Part, condition: Condition
) -> None:
    health.tell(part, condition.state, clock(), condition.detail)


def _looked_after(caretaker: Caretaker | None, care: Care | None) -> dict[str, object]:
    """What those two say, once they are there."""
    told = {"stages": caretaker, "machine": care}
    return {name: each.report() for name, each in told.items() if each is not None}


def _sparing(watch: Watch | None) -> Callable[[bool], None]:
    """Has the camera looked at less; nothing where there is none."""
    return (lambda _spared: None) if watch is None else watch.spare


async def _open(
    settings: Settings,
    loading: Loading,
    mode: Mode,
    look_out: Callable[[], Lookout | MotionLookout | None],
) -> tuple[Pack, Engines, Lookout | MotionLookout | None]:
    pack = await asyncio.to_thread(assembly.open_pack, settings.pack)
    load_all = loading.bare_engines if mode == "bare" else loading.engines
    engines = await asyncio.to_thread(load_all)
    lookout = await asyncio.to_thread(look_out)
    await asyncio.to_thread(prepare_greeting, settings, engines.speaking)
    return pack, engines, lookout


def _tell_stuck(verdict: Restart | GiveUp, *, trace: bool) -> None:
    """In the trace, beside what happened meanwhile."""
    if trace:
        print(f"{asyncio.get_running_loop().time():9.3f}  {verdict}", flush=True)


async def _serve_visits(tasks: list[Coroutine[None, None, None]], restart: asyncio.Event) -> None:
    main = asyncio.gather(*tasks)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, main.cancel)
    restarted = loop.create_task(restart.wait())
    restarted.add_done_callback(lambda _task: main.cancel())
    try:
        await main
    except asyncio.CancelledError:
        log.info("stopping")


def _steps(member: Membership | None, peripherals: Peripherals, *, trace: bool) -> Step:
    """Who looks on."""

    def step(now_s: float, event: Event, commands: list[Command]) -> None:
        if trace:
            print_step(now_s, event, commands)
        peripherals.step(now_s, event, commands)
        if member is not None:
            member.step(now_s, event, commands)

    return step


def load(encoder: Encoder | None, path: Path) -> tuple[Pack, Dialogue]:
    """A pack that has come from the hub, ready to answer from. Off the loop."""
    if encoder is None:
        raise KioskError("internal", "no encoder is loaded")
    pack = packs.load(path)
    kept = cache_folder() / "meaning"
    return pack, Dialogue(pack, encoder, kept=kept, today=date.today)


def take_up(
    settings: Settings, runner: Runner, display: PageDisplay, pack: Pack, dialogue: Dialogue
) -> None:
    """Answer from it from now on."""
    runner.learn(dialogue, Lexicon(pack.lexicon))
    display.renew(home(settings, pack, dialogue))


def home(settings: Settings, pack: Pack, dialogue: Dialogue) -> Message:
    """The first screen's content."""
    wanted = settings.screen.suggestions or LIKELIEST
    shown = home_message(
        hall=pack.site.name,
        greeting=settings.screen.greeting,
        suggestions=dialogue.suggestions(wanted)[:SUGGESTIONS],
        phone=settings.care.staff_phone or pack.site.phones["consult"],
        sample=pack.manifest.sample,
        voice_rate_hz=24_000,
        camera=camera_of(settings),
        microphone="browser" if settings.audio.microphone == BROWSER else "device",
        printer=settings.devices.printer != "off",
    )
    return {**shown, "counter": counter_of(pack)}


def prepare_greeting(settings: Settings, speaking: Speaking) -> None:
    """Have the greeting's speech ready: who stops must hear it within a second and a half.

    What is said to a call comes as quickly: the phrase is understood under every policy.
    """
    greetings = [settings.presence.greeting] if sees(settings) else []
    prints = [PRINTER["ready"]] if settings.devices.printer != "off" else []
    for clause in speaking.missing([*greetings, settings.wake.prompt, *prints]):
        speaking.prepare(clause)
