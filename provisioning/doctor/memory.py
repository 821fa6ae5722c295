"""Is there memory enough for the models, the sound and the browser?"""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from provisioning.doctor.row import Row, Verdict
from provisioning.doctor.subject import Subject

TOO_LITTLE_MB, LITTLE_MB = 1_700, 3_500
"""Of the whole machine: the kiosk's program takes 900 MB at most, the browser 400 to 700, the
system 300. Boards sold as 2 and 4 GB have a little less than that."""
FREE_MB = 250
"""Below this the system begins to throw programs out."""


def look(_subject: Subject) -> Iterator[Row]:
    """Look at the memory."""
    memory = psutil.virtual_memory()
    yield judge(memory.total / 1e6, memory.available / 1e6)


def judge(total_mb: float, free_mb: float) -> Row:
    """`free_mb`: what programs can still have."""
    verdict: Verdict = "ok"
    mend = ""
    if total_mb < TOO_LITTLE_MB:
        verdict, mend = "fail", "换用 4 GB 以上内存的主机"
    elif free_mb < FREE_MB:
        verdict, mend = "warn", "关掉其他程序，或重启本机后再查"
    elif total_mb < LITTLE_MB:
        verdict, mend = "warn", "建议换用 4 GB 以上内存的主机"
    found = f"共 {total_mb / 1000:.1f} GB，可用 {free_mb / 1000:.1f} GB"
    figures = {"total_mb": round(total_mb), "free_mb": round(free_mb)}
    return Row("memory", verdict, "内存", found, mend, figures)
