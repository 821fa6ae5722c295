from __future__ import annotations

import logging

from fleet import codec
from terminal.dialogue.redaction import redact
from terminal.outbox import RECORD_BYTES
from terminal.sync.loglines import LogLines


def test_last_lines_are_sent_in_records_that_fit_and_without_numbers() -> None:
    lines = LogLines()
    log = logging.getLogger("hall")
    log.setLevel(logging.INFO)
    log.addHandler(lines)
    for number in range(900):
        log.info("第%d行%s", number, "字" * 400)
    log.error("身份证110105194912310021")
    records = list(lines.records("c1", 500, redact))
    assert sum(len(each.lines) for each in records) == 500
    assert all(len(codec.encode(each)) <= RECORD_BYTES for each in records)
    assert all(each.command == "c1" for each in records)
    assert "110105" not in records[-1].lines[-1]
    assert len(next(lines.records("c1", 3, redact)).lines) == 3
