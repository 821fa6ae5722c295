"""`kiosk bench …`: programs that measure, and print what they measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from terminal.config import load

app = typer.Typer(help="Measure this kiosk on this machine.", no_args_is_help=True)

SPEECH = Path("../shared/eval/speech_zh")
"""Recordings of people that lie beside the project, where there are any."""

PackOption = Annotated[str | None, typer.Option(help="gov-hall, bank-hall, or a folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document.")]
ConfigOption = Annotated[Path | None, typer.Option(help="Settings, a TOML file.")]
LimitOption = Annotated[int | None, typer.Option(min=1, help="Only the first N clips.")]

Item = TypeVar("Item")


@app.callback()
def bench() -> None:
    """Measure this kiosk on this machine."""


@app.command()
def latency(
    pack: PackOption = None,
    wavs: Annotated[Path | None, typer.Option(help="Folder of recorded questions.")] = None,
    as_json: JsonOption = False,
    repeat: Annotated[int, typer.Option(min=1, help="Rounds with a warm voice cache.")] = 1,
    limit: LimitOption = None,
    config: ConfigOption = None,
) -> None:
    """End of speech to first audio, beside faster-whisper and whole-answer synthesis."""
    from terminal.bench import figures, footprint, halls
    from terminal.bench import latency as bench
    from terminal.bench.question import questions

    settings = load(config)
    asked = questions(wavs, pack, settings.pack)[:limit]
    packs = [question.pack for question in asked]
    alone = settings.model_copy(update={"pack": packs[0]})
    memory = footprint.measure(alone, [q.file for q in asked if q.pack == packs[0]])
    found = bench.measure(halls.open_halls(settings, packs), settings, asked, repeat, _watched)
    if as_json:
        figures.print_json(bench.document(found, memory))
    else:
        bench.show(found, memory)


@app.command()
def speech(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Recordings.")] = SPEECH,
    noise: Annotated[Path | None, typer.Option(help="Folder of noises.")] = None,
    limit: LimitOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Character errors and time, clean and in noise, beside faster-whisper."""
    from models.evaluation import recordings
    from models.evaluation.reference import ReferenceRecognizer
    from models.fetch import locate
    from terminal.bench import QUESTIONS, figures, halls
    from terminal.bench import speech as bench
    from terminal.bench.latency import REFERENCE_MODEL

    clips = recordings.spoken(folder)[:limit]
    asked = recordings.spoken(QUESTIONS)[:limit]
    noises = [recordings.read(file) for file in recordings.sounds(noise or folder.parent / "noise")]
    settings = load(config)
    models = halls.open_halls(settings, [each.row.pack for each in asked])
    reference = ReferenceRecognizer(locate(REFERENCE_MODEL), settings.models.threads)
    general = bench.measure(clips, noises, bench.general_listeners(models, reference), _watched)
    judge = bench.answers_rightly(models)
    with_pack = bench.measure(
        asked, noises, bench.pack_listeners(models, reference), _watched, judge
    )
    if as_json:
        figures.print_json(bench.document(general, with_pack))
        return
    bench.show(f"{len(clips)} recordings, no pack", general, answers=False)
    bench.show(f"{len(asked)} questions to the sample packs", with_pack, answers=True)


@app.command()
def understanding(
    pack: PackOption = None,
    base: Annotated[
        Path | None, typer.Option(help="A question base too: JSON lines, CSV or XLSX.")
    ] = None,
    spoken: Annotated[
        int, typer.Option(min=0, help="So many of the packs' questions through voice and ear.")
    ] = 0,
    reference: Annotated[
        bool, typer.Option("--reference", help="Spoken: faster-whisper's defaults too.")
    ] = False,
    scale: Annotated[
        bool, typer.Option("--scale", help="100, 10,000 and 100,000 questions; takes minutes.")
    ] = False,
    voices: Annotated[
        str, typer.Option(help="Who speaks the spoken ones, with commas; else the kiosk's voices.")
    ] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only N questions of each, evenly chosen.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Right, wrong and asked back, beside keywords, TF-IDF and the encoder alone."""
    from models.engines import SPEAKERS
    from terminal.bench import figures, understanding_run

    speakers = tuple(voices.split(",")) if voices else SPEAKERS
    wanted = understanding_run.Wanted(pack, base, spoken, reference, scale, limit, speakers)
    found = understanding_run.measure(wanted, load(config), _watched)
    if as_json:
        figures.print_json(understanding_run.document(found))
    else:
        understanding_run.show(found)


@app.command()
def presence(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[IMAGE|VIDEO]...", help="Else a standard set.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a file.")] = False,
    config: ConfigOption = None,
) -> None:
    """Faces, and who would be greeted, in pictures and videos; time and share of a core."""
    from terminal.bench import presence_run

    presence_run.run(files or [], load(config), _watched, as_json=as_json)


@app.command()
def wake(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[WAV]...", help="Else a standard set.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=20, help="Standard set: clips that are spoken for it, once.")
    ] = 300,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Is the kiosk called by its phrase, and by nothing else? One row a recording."""
    from terminal.bench import wake_run

    wake_run.run(files or [], load(config), _watched, limit, as_json=as_json)


@app.command()
def idle(
    video: Annotated[
        Path | None, typer.Argument(metavar="[VIDEO]", help="What the camera sees, else vtest.avi.")
    ] = None,
    sound: Annotated[
        Path | None, typer.Option(help="What the microphone hears, else a quiet hall.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=5, help="How long each kiosk is watched.")] = 120,
    parts: Annotated[
        bool, typer.Option("--parts", help="Kiosks without camera, wake word or both too.")
    ] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Processor time and memory of a kiosk that watches and listens, and nobody uses."""
    from models.evaluation import recordings
    from terminal.bench import figures
    from terminal.bench import idle as bench

    heard = None if sound is None else recordings.read(sound)
    found = bench.measure(load(config), seconds, video, heard, parts=parts)
    if as_json:
        figures.print_json(bench.document(found, seconds))
    else:
        bench.show(found, seconds)


@app.command()
def sync(
    events: Annotated[int, typer.Option(min=1000, help="To be stored, in each case.")] = 20_000,
    kiosks: Annotated[int, typer.Option(min=1, help="That an update goes to.")] = 1000,
    rounds: Annotated[int, typer.Option(min=1, help="Syncs while questions are asked.")] = 4,
    only: Annotated[
        list[str] | None, typer.Option(help="ingest, update, device, latency; may be repeated.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N questions.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Events a second, an update's cost, the device part at rest, answers while a pack comes."""
    import tempfile

    from terminal.bench import figures
    from terminal.bench import sync as bench

    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user must get through.
        wish = bench.Wish(events, kiosks, rounds, limit, tuple(only or bench.PARTS))
        found = bench.measure(wish, load(config), Path(folder), _watched)
    if as_json:
        figures.print_json(found)
    else:
        bench.show(found)


@app.command()
def turns(
    scenes: Annotated[list[Path] | None, typer.Argument(help="Scenes, YAML files.")] = None,
    sounds: Annotated[Path, typer.Option(help="Folder of rooms, noises, speech.")] = SPEECH.parent,
    rooms: Annotated[
        Path | None, typer.Option(help="Folder in it: scenes with an echo in each of its rooms.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a scene.")] = False,
    config: ConfigOption = None,
) -> None:
    """Pauses, noise and interruptions: scripted scenes through the real models."""
    from models.evaluation import recordings
    from terminal.bench import figures, turns_run
    from terminal.bench import turns as bench
    from terminal.bench.scene import load as load_scene

    files = scenes or sorted(bench.SCENES.glob("*.yaml"))
    asked = [load_scene(file) for file in files]
    if rooms is not None:
        found = [file.relative_to(sounds) for file in recordings.sounds(sounds / rooms)]
        asked = [scene.in_room(room) for scene in asked for room in found]
    rows = []
    stage = turns_run.open_bench(load(config), [each.pack for each in asked], sounds)
    for scene in _watched(asked):
        played = stage.play(scene)
        if as_json:
            figures.print_json(bench.row(played))
        else:
            rows.append(bench.line(played))
    if not as_json:
        columns = ("scene", "", "after, ms", "what it shows, or what went wrong")
        figures.print_table("Turn-taking", columns, rows)


def _watched(items: Sequence[Item]) -> Iterable[Item]:
    """One by one, with a bar on stderr where somebody looks at it."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(items, console=console, disable=not console.is_terminal, transient=True)
