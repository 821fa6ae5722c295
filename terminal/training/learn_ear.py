"""`kiosk models train ear`: the adapter that bends Whisper to a hall's Mandarin, and its report."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from knowledge import pack as packs
from models import adapter, ctranslate
from models.base import Encoder, Recognizer, Samples, Voice
from models.evaluation.character_errors import CharacterErrors, character_errors
from models.evaluation.conditions import Conditions
from models.training import ear
from models.whisper import WhisperRecognizer
from terminal.training import recordings
from terminal.training.ear_examples import Examples, Hall, ahead, near, read
from terminal.training.recordings import Clip
from terminal.training.speak import VoiceOf

KEPT_BACK = 60
"""Clips behind the last one trained on, for the report: new words, by voices that are known."""
BANDS = 80

Take = tuple[Clip, Samples]


@dataclass(frozen=True, slots=True)
class Sounds:
    """What a hall sounds like, float32 16 kHz."""

    rooms: Sequence[Samples]
    """Impulse responses."""
    noises: Sequence[Samples]


def learn(
    out: Path,
    model: Path,
    clips: Path,
    voices: tuple[VoiceOf, Voice],
    encoder: Encoder,
    sounds: Sounds,
    limit: int,
    settings: ear.Settings | None = None,
    tell: Callable[[str], None] = print,
) -> None:
    """Write ear.npz and ear.md into the folder `out`.

    `model`: Whisper's folder. `clips`: where the spoken clips are kept; missing ones are made by
    `voices` (Mandarin, English). The first `limit` clips are trained on.
    """
    settings = settings or ear.Settings()
    plan = recordings.plan()[: limit + KEPT_BACK]
    recordings.make(plan, clips, *voices, tell)
    takes = read(plan[:limit], clips)
    tell(f"{len(takes)} clips; looking up what is asked like them")
    terms = [term.term for folder in packs.samples() for term in packs.load(folder).lexicon]
    nearest = near([clip for clip, _ in takes], encoder)
    hall = Hall(takes, sounds.rooms, sounds.noises, nearest, terms)
    examples = Examples(hall, Tokenizer.from_file(str(model / "tokenizer.json")), BANDS)
    began, curve = time.monotonic(), []

    def follow(line: str) -> None:
        curve.append(line)
        tell(line)

    found = ear.fit(ctranslate.read(model / adapter.MODEL), ahead(iter(examples)), settings, follow)
    minutes = (time.monotonic() - began) / 60
    adapter.save(found, out / "ear.npz")
    tell("comparing with the model as it came")
    kept = read(plan[limit:], clips)
    rows = {
        "as it came": _errors(WhisperRecognizer(model), kept),
        "adapted": _errors(
            WhisperRecognizer(adapter.adapted(model, out / "ear.npz"), tail_s=adapter.TAIL_S), kept
        ),
    }
    text = _report(takes, sounds, settings, curve, minutes, rows, (out / "ear.npz").stat().st_size)
    (out / "ear.md").write_text(text, "utf-8")
    tell(text)


def _errors(recognizer: Recognizer, takes: Sequence[Take]) -> dict[str, float]:
    """Character error rates of one pass without any prompt, by condition."""
    mandarin = [(clip, audio) for clip, audio in takes if clip.language == "zh"]
    conditions = Conditions([audio for _, audio in mandarin])
    rates = {}
    for name in conditions.names:
        total = CharacterErrors()
        for number, (clip, _) in enumerate(mandarin):
            heard = recognizer.hear(conditions.sound(name, number)).transcript
            total += character_errors(clip.text, heard.text)
        rates[name] = total.rate
    return rates


def _report(
    takes: Sequence[Take],
    sounds: Sounds,
    settings: ear.Settings,
    curve: Sequence[str],
    minutes: float,
    rows: dict[str, dict[str, float]],
    size: int,
) -> str:
    hours = sum(len(audio) for _, audio in takes) / 16_000 / 3600
    names = list(rows["adapted"])
    lines = [
        "# The ear's adapter",
        "",
        "Made by `kiosk models train ear`: low-rank changes to the matrices of Whisper base, laid",
        "over its weights when it is first loaded.",
        "",
        f"- Trained on {len(takes)} clips, {hours:.2f} h, of the packs, the question bases and the",
        "  sentences of acts, spoken by the kiosk's own Mandarin voices, blended, and its English",
        "  one; never by the two that are kept for evaluation.",
        f"- Each step hears {settings.batch} of them anew: {len(sounds.rooms)} rooms,",
        f"  {len(sounds.noises)} noises, talk of others, 0 to 20 dB, at speeds of 0.92 to 1.08,",
        "  behind no prompt, terms, or the nearest questions (three in ten of those mistaken).",
        f"- {settings.steps} steps, rank {settings.rank}, {minutes:.0f} minutes;",
        f"  {settings.kept:.0%} of what the encoder learned is kept; {size / 1e6:.2f} MB.",
        "",
        "Wrong characters in one pass without a prompt, of clips with other words than those",
        "trained on, by the same voices (so they flatter; README's spoken figures are of voices",
        "that nothing was trained on):",
        "",
        f"| | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
        *(
            f"| {who} | {' | '.join(f'{rates[name]:.1%}' for name in names)} |"
            for who, rates in rows.items()
        ),
        "",
        "The loss, as it fell:",
        "",
        *(f"- {line}" for line in curve[:: max(1, len(curve) // 10)]),
    ]
    return "\n".join(lines) + "\n"
