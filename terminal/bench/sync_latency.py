"""Does a citizen wait longer while the kiosk takes a new pack? The same questions, by turns.

The kiosk is in this process, with the real models; broker and hub are programs of their own. A
round asks at rest, then rolls a pack out to the kiosk and asks until it could answer from it: the
whole pack is pulled, verified and written, puts its own questions to itself, and is loaded, for
which a kiosk waits until nobody is being served; here the next question comes at that moment.
"""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from knowledge import build
from knowledge import pack as packs
from models.base import Encoder
from terminal import assembly, kiosk
from terminal.bench.figures import Figures, Json, print_table, ratio, spread
from terminal.bench.halls import open_halls
from terminal.bench.latency import STAGES
from terminal.bench.pipelines import Answered, kiosk_answer
from terminal.bench.question import Question
from terminal.config import Settings
from terminal.errors import KioskError
from terminal.hub_api import HubApi
from terminal.ports import LOOPBACK
from terminal.runner import Engines
from terminal.simulate.device import Obedient
from terminal.simulate.stage import Stage, open_stage
from terminal.sync import signals as sig
from terminal.sync.fleet import Fleet, Member
from terminal.sync.install import Installer
from terminal.sync.link import Broker
from terminal.sync.packs import PackThread, pack_name
from terminal.sync.pull import Puller
from terminal.sync.signals import Judged
from terminal.sync.source import HubSource
from terminal.sync.store import PackStore
from terminal.sync.trying import ProcessJudge

PACK, FACTORY = "gov-hall", "bank-hall"
"""What comes, and what was there: nothing of the one is in the other, so all of it is pulled."""
COMES_S = 60.0
SYNC_S = 900.0
"""A machine that needs longer for a pack has no figure to give."""
PULLING, TESTING, LOADING = "pulling", "self-test", "loading"
STEPS = (PULLING, TESTING, LOADING)
_SHOWN = {
    "end_of_speech_to_first_audio": "first audio",
    "processing": "processing",
    "asr": "recognition",
    "understand": "understanding",
}

Watched = Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(slots=True)
class SyncLatency:
    """All answers of one run."""

    at_rest: list[Answered] = field(default_factory=list)
    syncing: list[tuple[str, Answered]] = field(default_factory=list)
    """With the step that was under way when the question began."""
    syncs_s: list[float] = field(default_factory=list)
    """From the order to the loaded pack."""

    @property
    def meanwhile(self) -> list[Answered]:
        """Of the syncs, whatever the step."""
        return [answered for _, answered in self.syncing]


class Newcomer:
    """The fleet's part of a kiosk that is to get a pack: all of it real, and its state new."""

    def __init__(
        self, device: str, stage: Stage, folder: Path, encoder: Encoder, name: str
    ) -> None:
        """`name`: of the encoder, as in the settings."""
        self.device = device
        self.step = ""
        self._encoder = encoder
        self._fault = ""
        self._load: Callable[[], None] | None = None
        self._done = threading.Event()
        root = next((stage.hub.folder / "content" / "metadata").glob("1.root.json")).read_bytes()
        factory = packs.find(FACTORY)
        broker = Broker(LOOPBACK, stage.port)
        folder.mkdir(parents=True)
        self._fleet = fleet = Fleet(Member(device, broker, stage.keys, folder), Obedient(), _all)
        puller = Puller(device, fleet.ask, folder / "partial")
        store, judge = PackStore(folder / "packs"), ProcessJudge(name)
        installer = Installer(store, HubSource(puller, folder / "metadata", root), judge, factory)
        thread = PackThread(store, installer, puller, judge, factory, self._use, self._post)
        fleet.post(sig.InUse(pack_name(factory)))
        fleet.start(thread)

    def expect(self) -> None:
        """The order is on its way."""
        self.step = PULLING

    def is_syncing(self) -> bool:
        """KioskError if the pack was not taken."""
        if self._fault:
            raise KioskError("internal", f"{self.device}: {self._fault}")
        return not self._done.is_set()

    def rest(self) -> None:
        """Nobody is being served just now."""
        if self._load is not None:
            self.step = LOADING
            threading.Thread(target=self._load, daemon=True).start()
            self._load = None

    def stop(self) -> None:
        """Say goodbye."""
        self._fleet.stop()

    def _post(self, event: sig.Event) -> None:
        match event:
            case sig.Testing():
                self.step = TESTING
            case sig.NotInstalled(detail=detail):
                self._fault = detail
        self._fleet.post(event)

    def _use(self, path: Path, done: Callable[[str | None], None]) -> None:
        """As the kiosk does: when nobody is being served, a thread loads the pack."""
        self._load = partial(self._loaded, path, done)

    def _loaded(self, path: Path, done: Callable[[str | None], None]) -> None:
        try:
            kiosk.load(self._encoder, path)
        except KioskError as error:
            done(error.message)
        else:
            done(None)
            self._done.set()


def measure(
    settings: Settings, asked: Sequence[Question], rounds: int, folder: Path, watched: Watched
) -> SyncLatency:
    """Each round asks all of `asked` at rest, then them in turn as long as the sync lasts."""
    encoder = assembly.open_encoder(settings)
    halls = open_halls(settings, [each.pack for each in asked], encoder)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    found = SyncLatency()
    with _own_cache(folder / "cache") as cache, open_stage(folder / "stage") as stage:
        kiosks = {pack: halls.engines(pack, cache / "voice") for pack in halls.dialogues}
        ask = partial(_ask, kiosks, settings)
        api = HubApi(stage.hub.url, stage.token)
        label = api.publish(build.build(packs.find(PACK), folder / "built", date.today()).index)
        for question in asked:
            ask(question)  # Fills the voice cache.
        endless = itertools.cycle(asked)
        for number in watched(range(rounds)):
            # As for a pack that never was here: its meaning is not known either.
            shutil.rmtree(cache / "meaning", ignore_errors=True)
            name = settings.models.encoder
            comer = Newcomer(f"bench-{number}", stage, folder / str(number), encoder, name)
            try:
                _wait_for(api, comer.device)
                found.at_rest += [ask(question) for question in asked]
                _sync(comer, api, label, found, map(ask, endless))
            finally:
                comer.stop()
        api.close()
    return found


def document(found: SyncLatency) -> Json:
    """In milliseconds; `ratio`: in a sync over at rest."""
    return {
        "unit": "ms",
        "syncs_s": [round(each, 1) for each in found.syncs_s],
        "at_rest": _summary(found.at_rest),
        "syncing": _summary(found.meanwhile),
        "ratio": ratios(found),
        "by_step": {step: _summary(_in(step, found)) for step in STEPS if _in(step, found)},
    }


def ratios(found: SyncLatency) -> Figures:
    """How many times longer a citizen waits in a sync; and what of it is not silence."""
    whole, after = (
        [_stage(name, answers) for answers in (found.meanwhile, found.at_rest)]
        for name in ("end_of_speech_to_first_audio", "processing")
    )
    return {
        "p50": ratio(whole[0]["p50"], whole[1]["p50"]),
        "p95": ratio(whole[0]["p95"], whole[1]["p95"]),
        "processing_p50": ratio(after[0]["p50"], after[1]["p50"]),
        "processing_p95": ratio(after[0]["p95"], after[1]["p95"]),
    }


def show(told: Json) -> None:
    """A document, for people."""
    found: dict[str, Any] = dict(told)
    cases = {"at rest": found["at_rest"], "in a sync": found["syncing"]}
    cases |= {f"  {step}": each for step, each in found["by_step"].items()}
    rows = [
        [case, str(each["questions"]), *(_cell(each[name]) for name in _SHOWN)]
        for case, each in cases.items()
    ]
    times = found["ratio"]
    title = f"Answers while a pack comes ({len(found['syncs_s'])} syncs), ms: p50 / p95"
    print_table(title, ["", "questions", *_SHOWN.values()], rows)
    print(
        f"first audio in a sync {times['p50']} times that at rest (p95: {times['p95']}); "
        f"processing {times['processing_p50']} times (p95: {times['processing_p95']})"
    )


def _cell(figures: Figures) -> str:
    return f"{figures['p50']:.0f} / {figures['p95']:.0f}"


def _ask(kiosks: Mapping[str, Engines], settings: Settings, question: Question) -> Answered:
    return kiosk_answer(question, kiosks[question.pack], assembly.endpoint_settings(settings))


def _sync(
    comer: Newcomer, api: HubApi, label: str, found: SyncLatency, answers: Iterator[Answered]
) -> None:
    began = time.monotonic()
    comer.expect()
    api.roll_out(label, {"device": comer.device})
    while comer.is_syncing():
        if time.monotonic() - began > SYNC_S:
            raise KioskError("internal", f"{comer.device}: no pack after {SYNC_S:.0f} s")
        comer.rest()
        step = comer.step
        found.syncing.append((step, next(answers)))
    found.syncs_s.append(time.monotonic() - began)


def _wait_for(api: HubApi, device: str) -> None:
    deadline = time.monotonic() + COMES_S
    while all(row["device"] != device for row in api.get("/api/1/kiosks")["kiosks"]):
        if time.monotonic() > deadline:
            raise KioskError("internal", f"the hub has not heard of {device} in {COMES_S:.0f} s")
        time.sleep(0.2)


@contextmanager
def _own_cache(folder: Path) -> Iterator[Path]:
    """For the self-test's process too; the machine's own kiosk keeps what it has."""
    before = os.environ.get("KIOSK_CACHE")
    os.environ["KIOSK_CACHE"] = str(folder)
    try:
        yield folder
    finally:
        if before is None:
            del os.environ["KIOSK_CACHE"]
        else:
            os.environ["KIOSK_CACHE"] = before


def _in(step: str, found: SyncLatency) -> list[Answered]:
    return [answered for at, answered in found.syncing if at == step]


def _stage(name: str, answers: Sequence[Answered]) -> Figures:
    return spread([getattr(each.timing, name) for each in answers])


def _summary(answers: Sequence[Answered]) -> Json:
    return {**{name: _stage(name, answers) for name in STAGES}, "questions": len(answers)}


def _all(wanted: Any) -> Judged:
    return Judged(dict(wanted), {})
