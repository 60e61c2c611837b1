"""Sentence boundaries: F1 beside a rule of marks, GiNZA's parser and other splitters, by reason; CPU seconds.

python -m benchmarks.studies.sentence_boundaries [DATA]

DATA is a folder with texts whose sentences people told apart (`quasi_reviews`, one sentence a line), by
default the one beside the repository; to these come complaints in hurried plain style that nothing was
learned from. The last boundary of a text is given and not counted. `bunkai` and `ja_sentence_segmenter` take
part where they are installed.
"""

from __future__ import annotations

import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from fixtures.truth_file import FIXTURES
from nlu.encoders.loading import one_thread
from nlu.text.boundaries.sentences import SentenceSplitter

DATA = Path(__file__).parents[3] / "shared" / "data"
MARKS = "。｡！？!?"
SEED = 1
_GINZA_TEXTS = 60
_NUMBERS = ("texts", "P", "R", "F1", "characters/s")
_RULE = re.compile(r"[。！？!?]+")

Splitter = Callable[[str], list[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class JoinedText:
    """A text as a splitter gets it, and where its sentences end."""

    shown: str
    ends: frozenset[int]


def reviews(folder: Path) -> list[list[str]]:
    """The reviews of `folder` whose sentences all end in a mark, so that joining them is natural."""
    texts = [file.read_text("utf-8").split("\n") for file in sorted(folder.glob("*.txt"))]
    told = [[line.strip() for line in lines if line.strip()] for lines in texts]
    return [lines for lines in told if lines and all(line[-1] in MARKS for line in lines)]


def with_marks(sentences: Sequence[str], draw: random.Random) -> JoinedText:
    return _joined(sentences, "")


def without_stops(sentences: Sequence[str], draw: random.Random) -> JoinedText:
    return _joined([sentence.replace("。", "") for sentence in sentences], "")


def without_marks(sentences: Sequence[str], draw: random.Random) -> JoinedText:
    return _joined([sentence.replace("。", "").rstrip(MARKS) for sentence in sentences], "")


def wrapped(sentences: Sequence[str], draw: random.Random) -> JoinedText:
    return _wrapped(with_marks(sentences, draw), draw)


def wrapped_without_marks(sentences: Sequence[str], draw: random.Random) -> JoinedText:
    return _wrapped(without_marks(sentences, draw), draw)


def a_line_each(sentences: Sequence[str], draw: random.Random) -> JoinedText:
    return _joined([sentence.replace("。", "").rstrip(MARKS) for sentence in sentences], "\n")


def _joined(sentences: Sequence[str], glue: str) -> JoinedText:
    text, ends = "", set()
    for sentence in sentences:
        text += glue * bool(text) + sentence
        ends.add(len(text))
    return JoinedText(text, frozenset(ends - {len(text)}))


def _wrapped(text: JoinedText, draw: random.Random) -> JoinedText:
    """Broken into lines of 20 to 40 characters, as recognition returns a paragraph."""
    columns = draw.randint(20, 40)
    shown = "\n".join(text.shown[i : i + columns] for i in range(0, len(text.shown), columns))
    return JoinedText(shown, frozenset(end + (end - 1) // columns for end in text.ends))


def rule(text: str) -> list[tuple[int, str]]:
    """Every run of 。！？ ends a sentence, and every line break."""
    return [(mark.end(), "mark") for mark in _RULE.finditer(text)] + [
        (place, "line") for place, character in enumerate(text) if character == "\n"
    ]


def ours(splitter: SentenceSplitter) -> Splitter:
    return lambda text: [(sentence.end, sentence.boundary.value) for sentence in splitter.split(text)]


def pipeline() -> Splitter:
    """The pipeline of the nightly batch: GiNZA's tokenizer and our component."""
    from nlu.language.pipeline import JapaneseAnalyser

    analyser = JapaneseAnalyser()
    return lambda text: [(one.end, one.boundary.value) for one in analyser.analyse(text).sentences]


def ginza(*, with_component: bool = False) -> Splitter:
    """GiNZA as it comes, or with our component before its parser."""
    import spacy

    from nlu.language.sentence_component import NAME

    whole = spacy.load("ja_ginza")
    if with_component:
        whole.add_pipe(NAME, before="parser")
    return lambda text: [(_end(sentence), "parser") for sentence in whole(text).sents]


def _end(sentence: Any) -> int:
    """Behind its last character that is no white space."""
    return int(sentence.start_char + len(sentence.text.rstrip()))


def peers() -> dict[str, Splitter]:
    """Other splitters, where they are installed."""
    found: dict[str, Splitter] = {}
    try:
        from bunkai import Bunkai

        cut = Bunkai()
        found["bunkai"] = lambda text: _ends(cut(text.replace("\n", "▁")))
    except ImportError:
        pass
    try:
        from ja_sentence_segmenter.common.pipeline import make_pipeline
        from ja_sentence_segmenter.split.simple_splitter import split_newline, split_punctuation

        segment = make_pipeline(split_newline, split_punctuation)
        found["ja_sentence_segmenter"] = lambda text: _found_in(text, segment(text))
    except ImportError:
        pass
    return found


def _ends(parts: Iterable[str]) -> list[tuple[int, str]]:
    return [(end, "peer") for end in accumulate(map(len, parts))]


def _found_in(text: str, parts: Iterable[str]) -> list[tuple[int, str]]:
    """Where parts end that leave out white space."""
    ends, place = [], 0
    for part in parts:
        place = text.index(part, place) + len(part)
        ends.append((place, "peer"))
    return ends


def complaints() -> list[list[str]]:
    """Complaints in plain style, nothing of which was learned from."""
    texts = (FIXTURES / "texts" / "complaints_kept_back.txt").read_text("utf-8").split("\n\n")
    return [[f"{one}。" for one in text.strip().split("。") if one] for text in texts]


@dataclass(slots=True)
class SplitterTally:
    right: int = 0
    found: int = 0
    true: int = 0
    characters: int = 0
    seconds: float = 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.found + self.true)


def measure(split: Splitter, texts: Sequence[JoinedText]) -> tuple[SplitterTally, dict[str, Counter[str]]]:
    """The counts over all texts, and by reason how many boundaries were right and found."""
    tally, reasons = SplitterTally(), {"right": Counter[str](), "found": Counter[str]()}
    for text in texts:
        started = time.process_time()
        found = dict(split(text.shown))
        tally.seconds += time.process_time() - started
        found.pop(len(text.shown), None)
        tally.right += len(found.keys() & text.ends)
        tally.found += len(found)
        tally.true += len(text.ends)
        tally.characters += len(text.shown)
        reasons["found"].update(found.values())
        reasons["right"].update(reason for end, reason in found.items() if end in text.ends)
    return tally, reasons


CONDITIONS = {
    "with marks": with_marks,
    "every 。 taken out": without_stops,
    "every mark taken out": without_marks,
    "line wraps": wrapped,
    "line wraps, no marks": wrapped_without_marks,
    "a line each, no marks": a_line_each,
}


def main() -> None:
    one_thread()
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    console = Console(width=110)
    started = time.process_time()
    splitter = SentenceSplitter()
    splitter.split("準備のための一文です。")
    loaded = time.process_time() - started
    console.print(
        f"ours: loaded in {loaded:.2f} CPU seconds, "
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )
    started = time.process_time()
    contenders = {
        "。！？ rule": rule,
        "ours": ours(splitter),
        "ours in spaCy": pipeline(),
        "GiNZA": ginza(),
        "GiNZA and ours": ginza(with_component=True),
        **peers(),
    }
    console.print(
        f"GiNZA, twice: loaded in {time.process_time() - started:.2f} CPU seconds, "
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )
    sources = {name: reviews(data / "quasi_reviews" / "data" / "text" / name) for name in ("hotel", "spot")}
    # What was learned from, said plainly, is left out.
    kept_back = {name: told[1::2] for name, told in sources.items()}
    for name, told in {**kept_back, "complaints": complaints()}.items():
        console.print(compared(name, told, contenders))


def compared(name: str, told: Sequence[Sequence[str]], contenders: Mapping[str, Splitter]) -> Table:
    """A row for each condition and contender."""
    title = f"{name}: {len(told)} texts, {sum(map(len, told))} sentences"
    table = Table(title=title, title_justify="left")
    for column in ("", "splitter", "texts", "P", "R", "F1", "characters/s", "right/found by reason"):
        table.add_column(column, justify="right" if column in _NUMBERS else "left")
    for condition, show in CONDITIONS.items():
        draw = random.Random(SEED)
        texts = [show(sentences, draw) for sentences in told]
        for contender, split in contenders.items():
            some = texts[:_GINZA_TEXTS] if contender.startswith("GiNZA") else texts
            tally, reasons = measure(split, some)
            by_reason = ", ".join(
                f"{reason} {reasons['right'][reason]}/{count}"
                for reason, count in reasons["found"].most_common()
            )
            table.add_row(
                condition,
                contender,
                str(len(some)),
                f"{tally.right / max(1, tally.found):.3f}",
                f"{tally.right / max(1, tally.true):.3f}",
                f"{tally.f1:.4f}",
                f"{tally.characters / max(1e-9, tally.seconds):,.0f}",
                by_reason if contender == "ours" else "",
            )
    return table


if __name__ == "__main__":
    main()
