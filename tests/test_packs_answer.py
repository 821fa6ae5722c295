"""Each sample pack's own test questions, put to the real dialogue."""

from __future__ import annotations

import pytest

from knowledge import pack as packs
from models.base import Encoder
from terminal.pack_trial import Trial, try_pack

pytestmark = pytest.mark.models

RIGHT_AT_LEAST, RIGHT_IN_EACH = 0.90, 0.85
"""Outcome and answer id, of the questions that the packs answer."""
WRONG_AT_MOST = 0.04
"""Another answer than the right one, given without asking back."""
STRAYED_AT_MOST = 0.11
"""An answer to a question that is not the hall's business."""


def test_the_packs_own_questions(encoder: Encoder, capsys: pytest.CaptureFixture[str]) -> None:
    whole = Trial(())
    for folder in packs.samples():
        trial = try_pack(folder, encoder)
        inside, outside = trial.inside, trial.outside
        with capsys.disabled():
            print(f"\n{folder.name}: {inside.figures}; not in the pack: {outside.figures}")
        failures = "\n".join(trial.failures)
        assert inside.share("right") >= RIGHT_IN_EACH, failures
        assert inside.share("wrong") <= WRONG_AT_MOST, failures
        assert outside.share("wrong") <= STRAYED_AT_MOST, failures
        whole = Trial((*whole.tried, *inside.tried))
    assert whole.share("right") >= RIGHT_AT_LEAST, "\n".join(whole.failures)
