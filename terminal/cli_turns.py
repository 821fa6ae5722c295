"""`kiosk ask`, `kiosk replay`, `kiosk say`: turns without a page."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from terminal.batch import Batch, TextRow, WavRow
from terminal.config import Settings, load
from terminal.errors import KioskError
from terminal.events import Reply, WordsHeard

if TYPE_CHECKING:
    from terminal.dialogue.dialogue import Dialogue
    from terminal.replay import Replay

PackOption = Annotated[str | None, typer.Option(help="gov-hall, bank-hall, or a folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON line a turn.")]
ConfigOption = Annotated[Path | None, typer.Option(help="Settings, a TOML file.")]


def ask(
    text: Annotated[list[str] | None, typer.Argument(help="A question.")] = None,
    pack: PackOption = None,
    as_json: JsonOption = False,
    batch: Annotated[Path | None, typer.Option(help="JSON lines, or - for stdin.")] = None,
    config: ConfigOption = None,
) -> None:
    """Answer typed questions: one, a batch, or line by line as you type."""
    from terminal import assembly
    from terminal.runner import TurnTiming
    from terminal.turn_row import row

    if text and batch:
        raise KioskError("input", "give a question or --batch, not both")
    settings = _settings(config, pack)
    questions = Batch(batch, TextRow).rows() if batch else _questions(text)
    label = assembly.open_pack(settings.pack).label
    dialogue = assembly.open_dialogue(settings, assembly.open_encoder(settings))
    for number, question in enumerate(questions, 1):
        if batch or text:
            _begin_visit(dialogue, question.context)
        began = time.perf_counter()
        reply = dialogue.reply(WordsHeard(0, question.text))
        timing = TurnTiming(understand=(time.perf_counter() - began) * 1000)
        if as_json:
            _print_json(row(question.id or str(number), reply, label, timing, spoken=False))
        else:
            _print_reply(reply)


def replay(
    wav: Annotated[list[Path] | None, typer.Argument(help="WAV or FLAC files.")] = None,
    pack: PackOption = None,
    as_json: JsonOption = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the spoken answers.")] = None,
    batch: Annotated[Path | None, typer.Option(help="JSON lines, or - for stdin.")] = None,
    trace: Annotated[bool, typer.Option(help="Print every event and command.")] = False,
    config: ConfigOption = None,
) -> None:
    """Play recordings through the whole kiosk, faster than real time."""
    from hardware.wav import read_audio
    from terminal import assembly
    from terminal.replay import replay as play
    from terminal.turn_row import row

    if bool(wav) == bool(batch):
        raise KioskError("input", "give recordings or --batch FILE")
    settings = _settings(config, pack)
    rows = Batch(batch, WavRow).rows() if batch else [WavRow(wav=each) for each in wav or ()]
    for each in wav or ():
        read_audio(each)  # A bad file is told before seconds of loading.
    if out is not None:
        _make_folder(out)
    label = assembly.open_pack(settings.pack).label
    engines = assembly.open_engines(settings)
    endpoint = assembly.endpoint_settings(settings)
    callable_ = settings.attention.policy in ("wake_word", "both")
    wake = assembly.wake_settings(settings) if callable_ else None
    for question in rows:
        played = play(question.wav, engines, endpoint, question.context, wake)
        if trace:
            print(*played.trace, sep="\n")
        for number, turn in enumerate(played.turns):
            name = (question.id or question.wav.stem) + (f"-{number + 1}" if number else "")
            if as_json:
                _print_json(row(name, turn.reply, label, turn.timing, spoken=True))
            else:
                _print_reply(turn.reply)
            if out is not None:
                _write(out / f"{Path(name).name}.wav", played, number)


def say(
    text: Annotated[str, typer.Argument(help="What to say.")],
    out: Annotated[Path, typer.Option(help="WAV file to write.")],
    speed: Annotated[float, typer.Option(min=0.5, max=2.0)] = 1.0,
    config: ConfigOption = None,
) -> None:
    """Speak a text into a WAV file."""
    from hardware.wav import write_wav
    from terminal import assembly

    sounds = list(assembly.open_speaking(load(config)).sounds(text, speed))
    if not sounds:
        raise KioskError("input", "nothing to say in that text")
    write_wav(out, sounds)


def _settings(config: Path | None, pack: str | None) -> Settings:
    settings = load(config)
    return settings.model_copy(update={"pack": pack}) if pack else settings


def _questions(text: list[str] | None) -> Iterator[TextRow]:
    if text:
        yield TextRow(text=" ".join(text))
        return
    prompt = "您请问> " if sys.stdin.isatty() else ""
    while True:
        try:
            yield TextRow(text=input(prompt))
        except EOFError:
            return
        except UnicodeDecodeError as error:
            raise KioskError("input", "standard input: not UTF-8 text") from error


def _begin_visit(dialogue: Dialogue, context: list[str]) -> None:
    dialogue.wipe()
    for earlier in context:
        dialogue.reply(WordsHeard(0, earlier))


def _print_json(row: dict[str, object]) -> None:
    print(json.dumps(row, ensure_ascii=False), flush=True)


def _print_reply(reply: Reply) -> None:
    heard = f"[{reply.heard}] " if reply.heard else ""
    print(f"{heard}{reply.spoken}\n{reply.screen}", flush=True)
    for number, option in enumerate(reply.options or reply.choices, 1):
        print(f"  {number}. {option.title}")
    if reply.ticket is not None:
        print(f"  [工单 {reply.ticket.reason}]", *reply.ticket.story, sep="\n    ")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KioskError("input", f"{folder}: cannot be made ({error.strerror})") from error


def _write(file: Path, played: Replay, number: int) -> None:
    from hardware.wav import write_wav

    if played.sounds[number]:
        write_wav(file, played.sounds[number])
