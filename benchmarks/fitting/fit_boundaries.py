"""Learns the boundaries of text without marks from clean texts, and prints the weights for line breaks.

The texts are the records of the sample applications, `remarks.txt` and `complaints.txt` of `fixtures/texts`,
and of the data beside the repository the sentences of annual reports (`chabsa`) and every second review of
`quasi_reviews`, said plainly (both CC BY 4.0). Their marks are taken out, and where they had been is what to
find; then they are broken into lines of many widths, and which breaks had been the end of a sentence is what
to find. No other annotation is read.

python -m benchmarks.fitting.fit_boundaries [DATA]
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

import nlu.text.boundaries
from benchmarks.fitting.plain_style import PlainStyle
from benchmarks.studies.sentence_boundaries import DATA, reviews
from fixtures.truth_file import FIXTURES
from nlu.text.boundaries.lines import LineJoiner, LineWidths, width
from nlu.text.boundaries.marks import bracket_depths, ends_with_mark, is_bullet, mark_ends
from nlu.text.boundaries.run_on import MODEL_FILE, Manner, RunOnModel, gaps
from nlu.text.sudachi_words import WordSplitter

MARKS = "。｡！？!?"
APPS = ("call-log", "daily-report")
SEED = 3
# Between two sentences a hurried writer leaves nothing, sometimes a space.
GLUE, GLUE_SHARES = ("", "　", " "), (0.8, 0.1, 0.1)
# A feature seen in fewer gaps says little; the penalty was chosen on the dev records.
RAREST = 5
PENALTY = 0.3
SMALLEST_WEIGHT = 0.02
# So often each text is laid out anew: one width and manner a text leaves the weights to chance.
LAYOUTS = 5
# The remarks are few, and nothing else shows how customers write: ですね, よ, いただきました書類.
REMARKS_TIMES = 12
# The complaints are short, and any of them may follow any other.
COMPLAINTS_TIMES = 4
ANNUAL_REPORT_SENTENCES = 3
_HIDDEN_BREAK = re.compile(r"[^\s。]{10,}[　 ][^\s。]")


def clean_texts(split: str) -> Iterator[list[str]]:
    """The sentences of each record of `split` whose writer set all the marks or broke the lines instead."""
    for app in APPS:
        for line in (FIXTURES / "apps" / app / f"{split}.jsonl").read_text("utf-8").splitlines():
            record = json.loads(line)
            if not record["meta"]["noisy"]:
                sentences = list(_sentences(record["text"]))
                if not any(_HIDDEN_BREAK.search(sentence) for sentence in sentences):
                    yield sentences
    if split == "train":
        remarks = (FIXTURES / "texts" / "remarks.txt").read_text("utf-8").split("\n\n")
        yield from [list(_sentences(text)) for text in remarks] * REMARKS_TIMES


def complaints(draw: random.Random) -> Iterator[list[str]]:
    """Complaints in the plain style of hurried writers, as they are and with their sentences mixed."""
    texts = (FIXTURES / "texts" / "complaints.txt").read_text("utf-8").split("\n\n")
    told = [list(_sentences(text)) for text in texts]
    for _ in range(COMPLAINTS_TIMES):
        yield from told
        mixed = [sentence for sentences in told for sentence in sentences]
        draw.shuffle(mixed)
        while mixed:
            count = draw.randint(2, 4)
            yield mixed[:count]
            del mixed[:count]


def plain_reviews(data: Path, first: int = 0) -> Iterator[list[str]]:
    """Every second review from `first` on, said plainly; none is learned from as it is."""
    style = PlainStyle()
    for name in ("hotel", "spot"):
        for sentences in reviews(data / "quasi_reviews" / "data" / "text" / name)[first::2]:
            plain = list(filter(None, map(style.of, sentences)))
            if len(plain) > 1:
                yield plain


def annual_reports(data: Path) -> Iterator[list[str]]:
    """Sentences of annual reports as they follow each other: long, formal, with many clauses."""
    for file in sorted((data / "chabsa" / "annotated").glob("*.json")):
        told = [
            item["sentence"].strip().rstrip("。") + "。"
            for item in json.loads(file.read_text("utf-8"))["sentences"]
        ]
        told = [sentence for sentence in told if 10 < len(sentence) < 160]
        for start in range(0, len(told) - 2, ANNUAL_REPORT_SENTENCES):
            yield told[start : start + ANNUAL_REPORT_SENTENCES]


def _sentences(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        start = 0
        for end in [*mark_ends(line, lambda before, after: False), len(line)]:
            if line[start:end].strip():
                yield line[start:end].strip()
            start = end


def without_marks(sentences: Sequence[str], draw: random.Random) -> tuple[str, set[int]]:
    """The sentences in one run, and where each ends."""
    text, ends = "", set()
    for sentence in filter(None, (sentence.rstrip(MARKS) for sentence in sentences)):
        if text:
            text += draw.choices(GLUE, GLUE_SHARES)[0]
        text += sentence
        ends.add(len(text))
    return text, ends


def run_on_examples(
    texts: Iterable[Sequence[str]], splitter: WordSplitter, draw: random.Random
) -> tuple[list[tuple[str, ...]], list[bool]]:
    features, labels = [], []
    for sentences in texts:
        text, ends = without_marks(sentences, draw)
        depth = bracket_depths(text)
        for gap in gaps(splitter.words(text), Manner.of(text)):
            if gap.place < len(text) and not depth[gap.place]:
                features.append(gap.features)
                labels.append(len(text[: gap.place].rstrip()) in ends)
    return features, labels


def fit_run_on(data: Path, splitter: WordSplitter, draw: random.Random) -> RunOnModel:
    texts = [*clean_texts("train"), *complaints(draw), *plain_reviews(data), *annual_reports(data)]
    features, labels = run_on_examples(texts, splitter, draw)
    counter = CountVectorizer(analyzer=lambda names: names, min_df=RAREST, binary=True)
    counted = counter.fit_transform(features)
    regression = LogisticRegression(C=PENALTY, solver="liblinear", l1_ratio=1.0, random_state=SEED)
    fitted = regression.fit(counted, labels)
    names = counter.get_feature_names_out()
    weights = {
        str(name): round(float(weight), 2)
        for name, weight in zip(names, fitted.coef_[0], strict=True)
        if abs(weight) >= SMALLEST_WEIGHT
    }
    model = RunOnModel(weights, round(float(fitted.intercept_[0]), 2))
    stored = {"bias": model.bias, "weights": weights}
    file = Path(nlu.text.boundaries.__path__[0]) / MODEL_FILE
    file.write_text(json.dumps(stored, ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8")
    print(f"{len(labels)} gaps, {sum(labels)} boundaries, {counted.shape[1]} features, {len(weights)} kept")
    return model


def wrapped(text: str, columns: int) -> list[tuple[int, int]]:
    """The lines of `text` broken at `columns` half-width characters; no line opens with a mark."""
    lines, start, used = [], 0, 0
    for place, character in enumerate(text):
        if used + width(character) > columns and character not in "、。，．！？」』）)】ーっゃゅょッャュョ":
            lines.append((start, place))
            start, used = place, 0
        used += width(character)
    return [*lines, (start, len(text))]


def laid_out(sentences: Sequence[str], draw: random.Random) -> tuple[list[str], list[bool]]:
    """The text in lines, and for each line whether a sentence ends with it: running on or a line for each
    sentence, broken at a width or not, with marks or without."""
    if draw.random() < 0.6:
        sentences = [sentence.rstrip(MARKS) for sentence in sentences]
    columns = draw.randint(24, 84)
    lines, ends = [], []
    running = draw.random() < 0.6
    for text in ["".join(sentences)] if running else sentences:
        at = {len("".join(sentences[: n + 1])) for n in range(len(sentences))} if running else {len(text)}
        for start, end in wrapped(text, columns):
            lines.append(text[start:end])
            ends.append(end in at)
    return lines, ends


def fit_lines(data: Path, joiner: LineJoiner, draw: random.Random) -> None:
    features, labels = [], []
    unseen = [*clean_texts("dev"), *plain_reviews(data, first=1)]  # by the model
    for sentences in unseen * LAYOUTS:
        lines, ends = laid_out(sentences, draw)
        marked = any("。" in line for line in lines)
        block = LineWidths.of([width(line) for line in lines])
        for before, after, end in zip(lines[:-1], lines[1:], ends[:-1], strict=True):
            if not ends_with_mark(before) and not is_bullet(after):
                features.append(joiner.break_features(before, after, block, marked))
                labels.append(end)
    values = np.array(features)
    fitted = LogisticRegression(C=1.0, fit_intercept=False).fit(values, labels)
    right = float((fitted.predict(values) == labels).mean())
    print(f"{len(labels)} line breaks, {sum(labels)} boundaries, {right:.3f} right")
    print("BREAK_WEIGHTS =", tuple(round(float(weight), 2) for weight in fitted.coef_[0]))


def report(name: str, model: RunOnModel, splitter: WordSplitter, draw: random.Random) -> None:
    features, labels = run_on_examples(clean_texts(name), splitter, draw)
    score = np.array([model.score(names) for names in features])
    for odds in (-0.5, 0.0, 0.5, 1.0):
        right = int((np.array(labels) & (score > odds)).sum())
        print(f"{name} above {odds}: F1 {2 * right / (int((score > odds).sum()) + sum(labels)):.3f}")


def main() -> None:
    draw = random.Random(SEED)
    splitter = WordSplitter()
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    model = fit_run_on(data, splitter, draw)
    report("dev", model, splitter, draw)
    fit_lines(data, LineJoiner(splitter, model), draw)


if __name__ == "__main__":
    main()
