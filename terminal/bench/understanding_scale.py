"""The scale part of `kiosk bench understanding`: how a pack of 100,000 questions would do.

Each size is measured in a process of its own, on one thread, so that neither the sizes before it
nor a second core help. The questions are made up (`many_questions`), those asked are real.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from pydantic import TypeAdapter

from knowledge import pack as packs
from knowledge.schema import Faq
from models.base import Encoder, Samples
from terminal.bench import many_questions
from terminal.bench.figures import Figures, Json, print_table, ratio, spread
from terminal.bench.footprint import peak_mb, resident_mb
from terminal.dialogue.overlap import Overlap
from terminal.dialogue.words import core
from terminal.errors import KioskError
from terminal.pack_trial import cases_of

SIZES = (100, 10_000, 100_000)
MADE = (
    "made of the sample packs' and the training bases' phrases, recombined; "
    f"{many_questions.TO_AN_ITEM} to an item, no two alike; one thread"
)
WARM_UP = 5
"""Questions before those that are timed."""
BATCH = 1_000
"""Phrases encoded between two signs of life."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds a query."""

    wall: Figures
    processor: Figures
    """The process's own time: what an unloaded machine would take."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One size."""

    questions: int
    items: int
    encode_s: float
    """Of all phrases; the rest of the index is built in `index_s`."""
    index_s: float
    grown_mb: float
    """Resident, with the index built, over before."""
    peak_mb: float
    """Of the whole process, while it was built."""
    query: Times
    encoding: Times
    """The part of `query` that the sentence encoder takes, whatever the size."""
    brute_force: Times
    """The encoder's nearest of all phrases, and character TF-IDF beside it."""


class ToldEncoder:
    """An encoder that tells how far it is, and how long it took."""

    def __init__(self, encoder: Encoder, tell: Callable[[int], None]) -> None:
        self._encoder = encoder
        self._tell = tell
        self.dimensions = encoder.dimensions
        self.seconds = 0.0

    def encode(self, sentences: Sequence[str]) -> Samples:
        """As the encoder inside."""
        return self._watched(self._encoder.encode, sentences)

    def states(self, sentences: Sequence[str]) -> Samples:
        """As the encoder inside."""
        return self._watched(self._encoder.states, sentences)

    def _watched(self, work: Callable[[Sequence[str]], Samples], of: Sequence[str]) -> Samples:
        began = time.perf_counter()
        found = work(of[:BATCH])
        if len(of) > BATCH:
            # One place for all: parts to be joined would take twice the memory.
            first, found = found, np.empty((len(of), found.shape[1]), np.float32)
            found[:BATCH] = first
            for start in range(BATCH, len(of), BATCH):
                found[start : start + BATCH] = work(of[start : start + BATCH])
                self._tell(min(start + BATCH, len(of)))
        self.seconds += time.perf_counter() - began
        return found


def measure(sizes: Sequence[int] = SIZES) -> list[Scale]:
    """Each size in a child process; its progress goes to stderr."""
    return [_child(size) for size in sizes]


def document(found: Sequence[Scale]) -> Json:
    """All sizes."""
    return {
        "questions": MADE,
        "sizes": [{**asdict(each), "ratio": _ratio(each)} for each in found],
    }


def show(found: Sequence[Scale]) -> None:
    """The same for people."""
    columns = [f"{each.questions:,} questions" for each in found]
    rows = [
        ["items", *(f"{each.items:,}" for each in found)],
        ["encoding them, s", *(f"{each.encode_s:.1f}" for each in found)],
        ["building the rest, s", *(f"{each.index_s:.1f}" for each in found)],
        ["memory grown by, MB", *(f"{each.grown_mb:.0f}" for each in found)],
        ["most held by the process, MB", *(f"{each.peak_mb:.0f}" for each in found)],
        ["ms a query: p50 / p95", *(_both(each.query.wall) for each in found)],
        ["  processor time", *(_both(each.query.processor) for each in found)],
        ["  encoding in it", *(_both(each.encoding.processor) for each in found)],
        ["brute force: p50 / p95", *(_both(each.brute_force.wall) for each in found)],
        ["  processor time", *(_both(each.brute_force.processor) for each in found)],
        ["brute force over ours, p50", *(f"{_ratio(each)}" for each in found)],
    ]
    print_table("scale", ["", *columns], rows)
    print(MADE)


def of_size(count: int, tell: Callable[[str], None]) -> Scale:
    """Build and ask, in this process."""
    # The parent only prints: it needs none of these.
    from models import engines
    from models.ranker import Ranker
    from models.sense import Sense
    from terminal.dialogue.understanding import Understanding
    from terminal.training import sources

    matters = [[*m.names, *m.phrases] for s in sources.sources() for m in s.matters.values()]
    made = many_questions.items(matters, count)
    encoder = engines.encoder("use-m3", threads=1)
    ranker, asked = Ranker(), real_questions()
    # Each way is asked questions of its own: an encoder may remember a sentence.
    first, second, third = (asked[turn::3] for turn in range(3))
    told = ToldEncoder(encoder, lambda done: tell(f"{count:,} questions: {done:,} encoded"))
    sense = Sense(told)
    before, began = resident_mb(), time.perf_counter()
    understanding = Understanding(made, sense, ranker)
    built_s, encode_s = time.perf_counter() - began, told.seconds
    grown, peak = resident_mb() - before, peak_mb()
    query = timed(lambda text: understanding.rank([text]), first)
    encoding = timed(lambda text: sense.encode([text]), second)
    return Scale(
        count,
        len(made),
        round(encode_s, 1),
        round(built_s - encode_s, 1),
        round(grown, 1),
        peak,
        query,
        encoding,
        timed(brute_force(made, encoder), third),
    )


def timed(ask: Callable[[str], object], asked: Sequence[str]) -> Times:
    """Milliseconds of each question, after a few that nobody counts."""
    for text in asked[:WARM_UP]:
        ask(text)
    wall, processor = [], []
    for text in asked[WARM_UP:]:
        began, used = time.perf_counter(), time.process_time()
        ask(text)
        wall.append((time.perf_counter() - began) * 1000)
        processor.append((time.process_time() - used) * 1000)
    return Times(spread(wall), spread(processor))


def brute_force(made: Sequence[Faq], encoder: Encoder) -> Callable[[str], int]:
    """The row that embedding and TF-IDF together put first.

    The vectors are drawn: a product takes as long whatever they mean, and encoding them again
    would take minutes.
    """
    texts = [core(text) for each in made for text in dict.fromkeys((each.title, *each.variants))]
    overlap = Overlap([list(text) for text in texts])
    random = np.random.default_rng(many_questions.SEED)
    vectors = random.standard_normal((len(texts), encoder.dimensions), np.float32)

    def nearest(text: str) -> int:
        bare = core(text)
        likeness = vectors @ encoder.encode([bare])[0] + overlap.look(list(bare)).cosine
        return int(np.argmax(likeness))

    return nearest


def real_questions() -> list[str]:
    """All that the sample packs' tests.jsonl ask."""
    return [case.text for folder in packs.samples() for case in cases_of(folder)]


def _child(size: int) -> Scale:
    command = [sys.executable, "-m", "terminal.bench.understanding_scale", str(size)]
    env = {**os.environ, **ONE_THREAD}
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=env, check=False)
    if child.returncode != 0:
        raise KioskError("internal", f"{size:,} questions: not measured; see the lines above")
    return TypeAdapter(Scale).validate_json(child.stdout.splitlines()[-1])


def _ratio(scale: Scale) -> float:
    return ratio(scale.brute_force.wall["p50"], scale.query.wall["p50"])


def _both(figures: Figures) -> str:
    return f"{figures['p50']:.1f} / {figures['p95']:.1f}"


def main(size: str) -> None:
    """The child: one size, as one line of JSON."""
    found = of_size(int(size), lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main(sys.argv[1])
