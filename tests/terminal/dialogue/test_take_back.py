"""Half a question, taken back: the whole one finds the dialogue as the half did."""

from __future__ import annotations

from terminal.dialogue.dialogue import Dialogue
from terminal.events import WordsHeard


def test_what_was_taken_back_was_never_said(light_dialogue: Dialogue) -> None:
    light_dialogue.reply(WordsHeard(0, "社保卡丢了怎么补办"))
    story = list(light_dialogue._visit.story)
    light_dialogue.reply(WordsHeard(0, "厕所在哪儿"))
    light_dialogue.take_back()
    assert light_dialogue._visit.story == story
    fee = light_dialogue.reply(WordsHeard(0, "那要多少钱呢"))
    assert (fee.answer_id, fee.aspect) == ("gov.social_card.reissue", "fee")


def test_it_is_done_once_and_never_over_the_end_of_a_visit(light_dialogue: Dialogue) -> None:
    light_dialogue.reply(WordsHeard(0, "社保卡丢了怎么补办"))
    light_dialogue.reply(WordsHeard(0, "厕所在哪儿"))
    light_dialogue.take_back()
    light_dialogue.take_back()
    assert len(light_dialogue._visit.story) == 1
    light_dialogue.wipe()
    light_dialogue.take_back()
    assert light_dialogue._visit.story == []
