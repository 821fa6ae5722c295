"""What a wake word is made of: its clips, spoken, and everything else that is heard in a hall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.base import Samples
from models.evaluation import recordings
from terminal.training import wake_clips
from terminal.training.speak import VoiceOf
from terminal.training.wake_scenes import Stage, Surroundings

SEED = 31
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made, of what."""

    phrase: str
    clips: Path
    """Folder where the spoken clips are kept."""
    limit: int
    others: Sequence[str]
    """Names of the speakers of other languages."""
    speech: Sequence[Path]
    """Folders of long recordings without the phrase."""
    effort: float = 1.0
    """Share of the usual training steps; a little of it shows whether everything is there."""
    first: int = 0
    """Clips of the plan that are skipped: an earlier check has heard them."""
    since: Path | None = None
    """Folder of a wake.onnx and wake_check.onnx that go on learning; None for new ones."""


class Sounds:
    """The clips of a plan, spoken, and what else is heard."""

    def __init__(
        self,
        plan: Plan,
        voice_of: VoiceOf,
        rooms: Sequence[Samples],
        noises: Sequence[Samples],
        tell: Tell = print,
    ) -> None:
        """Speaks the clips that are not in the plan's folder yet."""
        clips = wake_clips.training_plan(plan.phrase, plan.others, plan.limit)[plan.first :]
        wake_clips.make(clips, plan.clips, voice_of, tell)
        takes = wake_clips.read(clips, plan.clips)
        self.takes = [take for take in takes if not wake_clips.is_left_out(take[0])]
        self.left_out = [take for take in takes if wake_clips.is_left_out(take[0])]
        """By speakers that nothing learns from."""
        # Music and machines strike the head more often than talk does: the check must know them.
        self.long = [
            *(recordings.read(file) for each in plan.speech for file in recordings.sounds(each)),
            *noises,
        ]
        self.talk = [sound for clip, sound in self.takes if clip.kind == "talk"]
        self.stage = Stage(Surroundings(rooms, noises, self.talk), SEED)
        self.halls = len(rooms), len(noises)
