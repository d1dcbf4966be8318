"""What verification costs against a large pool: seconds a claim and memory. `python -m tests.verify.scale [PASSAGES]`."""

import hashlib
import resource
import statistics
import sys
import time
from itertools import accumulate
from random import Random

from simenv.knowledge.passage import Passage, Source
from simenv.verify.claims import claims
from simenv.verify.judge import OfflineJudge
from simenv.verify.library import Library

WORDS = 30_000
"""Different words of the pool, drawn as in English: the n-th most frequent in proportion to 1/n (Zipf)."""
SENTENCES, LENGTH = 6, 15
"""Sentences of a passage and words of a sentence."""
CLAIMS = 200


def main(count):
    rng = Random(0)
    vocabulary = [_word(n) for n in range(WORDS)]
    sums = list(accumulate(1 / n for n in range(1, WORDS + 1)))
    texts = (_text(rng, vocabulary, sums) for _ in range(count))
    start = time.perf_counter()
    library = Library(Passage(id=f"p{n}", title="", text=t, source=_source(n, t)) for n, t in enumerate(texts))
    built = time.perf_counter() - start
    judge, times, found = OfflineJudge(library), [], 0
    for p in rng.sample(library.passages, CLAIMS):
        (claim, *_) = claims(p.text)
        start = time.perf_counter()
        found += judge.find(claim).finding == "supported"
        times.append(time.perf_counter() - start)
    times.sort()
    print(f"{count:,} passages of about {SENTENCES * LENGTH} words: made and indexed in {built:.0f} s")
    print(
        f"a claim: median {statistics.median(times) * 1e3:.1f} ms, 95 % under {times[int(CLAIMS * 0.95)] * 1e3:.1f} ms"
    )
    print(f"{found} of {CLAIMS} sentences of the pool found again; most memory {_memory() / 1e9:.2f} GB")


def _word(n):
    letters, word = "bcdfghklmnprstvz", ""
    while n or len(word) < 4:
        n, k = divmod(n, 16)
        word += letters[k] + "aeiou"[k % 5]
    return word


def _text(rng, vocabulary, sums):
    drawn = rng.choices(vocabulary, cum_weights=sums, k=SENTENCES * LENGTH)
    rows = [drawn[n : n + LENGTH] for n in range(0, len(drawn), LENGTH)]
    return " ".join(" ".join(row).capitalize() + f" is {rng.randint(2, 900)} mg." for row in rows)


def _source(n, text):
    return Source(file=f"{n}.txt", sha256=hashlib.sha256(text.encode()).hexdigest(), start=0, end=len(text))


def _memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
