"""One suspicion: when it looks, and what it concludes."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from models.base import Transcript
from terminal.doubt import FIRST_S, LONGEST_S, RINGS_S, Doubt, Sound
from terminal.endpoint import FRAME_S

SPEECH, SILENCE = Sound(-25.0, speech=True), Sound(-60.0, speech=False)


class Looks:
    """A recogniser that gives the texts, one a look; an exception breaks."""

    def __init__(self, *texts: str | Exception, score: float = -0.4) -> None:
        self.at: list[int] = []
        self.frames = 0
        self._texts = list(texts)
        self._score = score

    def look(self) -> Future[Transcript]:
        self.at.append(self.frames)
        future: Future[Transcript] = Future()
        text = self._texts.pop(0) if self._texts else ""
        if isinstance(text, Exception):
            future.set_exception(text)
        else:
            future.set_result(Transcript(text, log_probability=self._score))
        return future


def told(
    looks: Looks, *pieces: tuple[float, Sound], saying: tuple[str, ...] = ()
) -> tuple[bool | None, float]:
    """The verdict, and when it came."""
    doubt = Doubt(looks.look)
    length_s = silence_s = 0.0
    for seconds, sound in pieces:
        for _ in range(round(seconds / FRAME_S)):
            length_s += FRAME_S
            looks.frames += 1
            silence_s = 0.0 if sound.speech else silence_s + FRAME_S
            verdict = doubt.push(length_s, silence_s >= 0.25, sound, saying)
            if verdict is not None:
                return verdict, length_s
    return None, length_s


def test_words_that_go_on_are_believed_within_half_a_second() -> None:
    verdict, at_s = told(Looks("厕所在哪"), (2.0, SPEECH))
    assert verdict is True
    assert RINGS_S < at_s <= 0.5


def test_the_first_look_waits_until_there_is_something_to_hear() -> None:
    looks = Looks("厕所在哪")
    told(looks, (2.0, SPEECH))
    assert looks.at[0] * FRAME_S >= FIRST_S


def test_an_echo_stops_with_the_loudspeaker_and_is_never_believed() -> None:
    """Other words than the kiosk's: the canceller has mangled them."""
    verdict, _ = told(Looks("法定人数不足", "法定人数不足"), (0.2, SPEECH), (1.0, SILENCE))
    assert verdict is False


def test_its_own_words_are_never_believed_however_long() -> None:
    echo = ["再带身份证到一楼"] * 20
    verdict, at_s = told(Looks(*echo), (5.0, SPEECH), saying=("再带身份证到一楼A区",))
    assert verdict is False
    assert at_s == pytest.approx(LONGEST_S, abs=0.1)


def test_an_order_is_believed_though_it_is_short() -> None:
    assert told(Looks("停", score=-1.4), (0.2, SPEECH), (1.0, SILENCE))[0] is True


def test_a_cough_is_dropped_as_soon_as_it_is_over() -> None:
    verdict, at_s = told(Looks("哼", "哼", score=-2.0), (0.5, SPEECH), (1.0, SILENCE))
    assert verdict is False
    assert at_s < 1.0


def test_speech_behind_a_cough_is_heard() -> None:
    looks = Looks("", "", "厕所在哪")
    verdict, _ = told(looks, (0.5, SPEECH), (0.2, SILENCE), (2.0, SPEECH))
    assert verdict is True


def test_a_recogniser_that_breaks_drops_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    verdict, _ = told(Looks(*[RuntimeError("no memory")] * 20), (1.0, SPEECH), (1.0, SILENCE))
    assert verdict is False
    assert "no memory" in caplog.text


def test_looking_again_takes_its_time() -> None:
    looks = Looks(*[""] * 20)
    told(looks, (2.0, SPEECH))
    gaps = [b - a for a, b in zip(looks.at, looks.at[1:], strict=False)]
    assert gaps
    assert min(gaps) * FRAME_S >= 0.24


def test_a_pending_look_is_cancelled() -> None:
    future: Future[Transcript] = Future()
    doubt = Doubt(lambda: future)
    for number in range(20):
        doubt.push(number * FRAME_S, False, SPEECH, ())
    doubt.cancel()
    assert future.cancelled()
