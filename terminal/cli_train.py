"""`kiosk models train …`: make the small models that come with this project, from its own data."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from terminal.errors import KioskError

app = typer.Typer(help="Train this project's own small models.", no_args_is_help=True)

EXTRA = ("scipy",)
"""What training needs beyond the kiosk."""
EAR_CLIPS = 1150
WAKE_CLIPS = 2400
LONGEST_ROOM = 16_000
"""Samples of a room response: a second, in which every hall has gone quiet."""

OutOption = Annotated[
    Path | None,
    typer.Option(help="Folder for the model and its report, instead of the kiosk's own."),
]


@app.callback()
def train() -> None:
    """Train this project's own small models."""


@app.command()
def acts(out: OutOption = None) -> None:
    """What somebody does by speaking: acts.onnx, and acts.md about it. A minute or two."""
    prepare()
    from models.fetch import locate
    from models.sense import TRAINED
    from models.use_m3 import UseM3
    from terminal.training import act_rows, learn_acts, sources

    told = learn_acts.labelled(sources.acts("train"))
    asked = learn_acts.labelled(sources.acts("test"))
    lent = act_rows.lent(sources.sources(), sources.in_english(), [text for text, _ in asked])
    learn_acts.learn(UseM3(locate("use-m3")), told, asked, lent, out or TRAINED, tell=print)


@app.command()
def ranker(out: OutOption = None) -> None:
    """Which item is meant: sense.onnx, ranker.onnx, and ranker.md about them. Ten minutes."""
    prepare()
    from models.fetch import locate
    from models.sense import TRAINED
    from models.use_m3 import UseM3
    from terminal.training import learn_ranker

    learn_ranker.learn(out or TRAINED, UseM3(locate("use-m3"), threads=2))


@app.command()
def heard(
    out: Annotated[
        Path | None, typer.Option(help="Folder of the rows, instead of the training data's own.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first N rows of the plan.")
    ] = None,
    noise: Annotated[
        Path | None, typer.Option(help="Folder of noises, WAV or FLAC; without it, only babble.")
    ] = None,
) -> None:
    """What the ears make of the packs' phrases, for the ranker: hours. Goes on where it was."""
    from models import engines
    from models.evaluation import recordings
    from models.fetch import locate
    from models.sense import Sense
    from terminal.training import sources, speak

    noises = [recordings.read(file) for file in recordings.sounds(noise)] if noise else []
    speak.speak(
        out or sources.DATA / "heard",
        speak.kokoro(locate("kokoro-zh")),
        engines.recognizer("whisper-hall"),
        Sense(engines.encoder("use-m3")),
        noises,
        limit,
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )


@app.command()
def ear(
    clips: Annotated[Path, typer.Option(help="Folder where the spoken clips are kept.")],
    rooms: Annotated[Path, typer.Option(help="Folder of room responses, WAV or FLAC.")],
    noise: Annotated[Path, typer.Option(help="Folder of noises, WAV or FLAC.")],
    out: OutOption = None,
    limit: Annotated[int, typer.Option(min=100, help="Clips to train on.")] = EAR_CLIPS,
) -> None:
    """How halls sound: ear.npz, laid over Whisper, and ear.md about it. Two hours."""
    prepare(("torch",), "pip install torch")
    from models import engines
    from models.evaluation import recordings
    from models.fetch import locate
    from models.sense import TRAINED, Sense
    from terminal.training import learn_ear, speak

    learn_ear.learn(
        out or TRAINED,
        locate("whisper-base"),
        clips,
        (speak.kokoro(locate("kokoro-zh")), engines.voice("kokoro-en/af_heart")),
        Sense(engines.encoder("use-m3")),
        learn_ear.Sounds(
            [recordings.read(file)[:LONGEST_ROOM] for file in recordings.sounds(rooms)],
            [recordings.read(file) for file in recordings.sounds(noise)],
        ),
        limit,
    )


@app.command()
def wake(
    clips: Annotated[Path, typer.Option(help="Folder where the spoken clips are kept.")],
    rooms: Annotated[Path, typer.Option(help="Folder of room responses, WAV or FLAC.")],
    noise: Annotated[Path, typer.Option(help="Folder of noises, WAV or FLAC.")],
    phrase: Annotated[str, typer.Option(help="Chinese characters.")] = "你好小政",
    speech: Annotated[
        list[Path] | None, typer.Option(help="Folder of recordings without the phrase; several.")
    ] = None,
    out: OutOption = None,
    limit: Annotated[int, typer.Option(min=20, help="Clips to speak.")] = WAKE_CLIPS,
    effort: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the usual steps; 0.01 is a trial run.")
    ] = 1.0,
    check_from: Annotated[
        Path | None, typer.Option(help="A wake_check.onnx that only learns more; no new head.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option(help="Folder of both models, which learn more; no new ones.")
    ] = None,
    first: Annotated[int, typer.Option(min=0, help="Clips of the plan to skip.")] = 0,
) -> None:
    """The phrase that calls the kiosk: wake.onnx, wake_check.onnx, wake.md. Two to three hours."""
    prepare(("torch",), "pip install torch")
    from models import engines
    from models.evaluation import recordings
    from models.fetch import locate
    from models.sense import TRAINED
    from models.speech_embedding import SpeechEmbedding
    from models.whisper import WhisperRecognizer
    from terminal.training import learn_wake, speak
    from terminal.training.wake_sounds import Plan, Sounds

    speakers = locate("kokoro-other-voices")
    others = sorted(file.stem for file in speakers.glob("*.bin"))
    ear = engines.recognizer("whisper-hall")
    assert isinstance(ear, WhisperRecognizer)  # noqa: S101 - the name says so
    plan = Plan(phrase, clips, limit, others, speech or [], effort, first, since)
    sounds = Sounds(
        plan,
        speak.kokoro(locate("kokoro-zh"), others=speakers),
        [recordings.read(file)[:LONGEST_ROOM] for file in recordings.sounds(rooms)],
        [recordings.read(file) for file in recordings.sounds(noise)],
    )
    if check_from is not None:
        learn_wake.refine(out or TRAINED, plan, sounds, check_from, ear)
        return
    embedding = SpeechEmbedding(locate("speech-embedding"))
    learn_wake.learn(out or TRAINED, plan, sounds, embedding, ear)


def prepare(needed: Sequence[str] = EXTRA, remedy: str = "pip install lobby-kiosk[train]") -> None:
    """Make sure that training can run, and runs the same everywhere. Raises KioskError."""
    if missing := [name for name in needed if find_spec(name) is None]:
        raise KioskError("missing", f"training needs {', '.join(missing)}; {remedy}")
    # Read when NumPy is loaded, which is later. Threads would add in another order on every
    # number of cores, and wait for one another on a busy machine.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
