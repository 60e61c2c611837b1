"""Selection under the token budget: what of the evidence stays, what a model makes of it, what it costs.

Records of the sample applications are strewn among others that report nothing, to 3, 5 and 10 times the
budget; chABSA's annual reports are as they come, where they stand beside the repository. The relevance head
is fitted on train records alone. "F1" is the macro-F1 of the shipped model over what was kept. Milliseconds
are of CPU; "by the sheet and the encoder" remembers the sentences that stood in a document before.

python -m benchmarks.studies.sentence_selection [call-log] [daily-report] [chabsa]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.studies import extractive
from benchmarks.studies.long_document_selection import (
    BUDGET,
    OUTLOOK_TOPICS,
    LongDocument,
    annual_reports,
    hide,
    short_documents,
)
from fixtures.truth_file import FIXTURES
from nlu.encoders.loading import BUNDLED, load_encoder, one_thread, text_vectors
from nlu.evaluation.comparing import compare
from nlu.model.judged import Judged
from nlu.model.tailored import TailoredModel
from nlu.records.record_files import read_records
from nlu.text.boundaries.sentences import SentenceSplitter
from nlu.text.relevance.definitions import DefinitionLikeness
from nlu.text.relevance.relevance import RelevanceHead, Topic, keyword_hits
from nlu.text.relevance.selection import SentenceSelector
from nlu.training.examples.relevance_head import fit_relevance

APPS = ("call-log", "daily-report")
CHABSA = Path(__file__).parents[3] / "shared" / "data" / "chabsa" / "annotated"
_FACTORS = (3, 5, 10)
_READ_BY_MODEL = (5,)
_MOST_READ = 40
_SIZES = (1_000, 10_000)

Choice = Callable[[LongDocument], tuple[int, ...]]


class EncoderMmr:
    """Greedy MMR; every sentence is encoded once for all documents, and its share of that time is counted
    in every document that holds it."""

    def __init__(self, documents: Sequence[LongDocument], topics: Sequence[Topic]) -> None:
        model, tokenizer = load_encoder(BUNDLED)
        lengths = {part.text: part.length for one in documents for part in one.parts}
        started = time.process_time()
        vectors = text_vectors(model, tokenizer, list(lengths))
        self.seconds_a_token = (time.process_time() - started) / sum(lengths.values())
        self._vectors: Mapping[str, NDArray[np.float32]] = dict(zip(lengths, vectors, strict=True))
        self._definitions = text_vectors(model, tokenizer, [topic.definition for topic in topics])
        self._keywords = [word for topic in topics for word in topic.keywords]

    def __call__(self, document: LongDocument) -> tuple[int, ...]:
        vectors = np.array([self._vectors[text] for text in document.texts], np.float64)
        hits = keyword_hits(document.texts, self._keywords)
        return extractive.greedy_mmr(
            vectors, self._definitions.astype(np.float64), hits, document.lengths, BUDGET
        )


def contenders(topics: Sequence[Topic], head: RelevanceHead | None, mmr: EncoderMmr) -> dict[str, Choice]:
    likeness = DefinitionLikeness(*load_encoder(BUNDLED), [topic.definition for topic in topics])
    plain = {
        "head": extractive.head,
        "head + tail": extractive.head_and_tail,
        "TextRank": extractive.textrank,
        "LexRank": extractive.lexrank,
        "by the sheet": SentenceSelector(topics).choose,
        "by the sheet and the encoder": SentenceSelector(topics, likeness=likeness).choose,
        "by the sheet and a learned head": SentenceSelector(topics, head).choose,
    }
    choices: dict[str, Choice] = {
        name: (lambda one, choose=choose: choose(one.texts, one.lengths, BUDGET))  # type: ignore[misc]
        for name, choose in plain.items()
    }
    return {"greedy MMR with the encoder": mmr, **choices}


def measure(documents: Sequence[LongDocument], choose: Choice) -> tuple[list[tuple[int, ...]], float, float]:
    """What is kept of each document, the mean share of its evidence, and CPU milliseconds a document."""
    started = time.process_time()
    kept = [choose(document) for document in documents]
    seconds = time.process_time() - started
    if isinstance(choose, EncoderMmr):
        seconds += choose.seconds_a_token * sum(sum(document.lengths) for document in documents)
    shares = [
        document.share_kept(numbers)
        for document, numbers in zip(documents, kept, strict=True)
        if any(part.is_evidence for part in document.parts)
    ]
    return kept, float(np.mean(shares)), 1000 * seconds / len(documents)


def macro_f1(model: TailoredModel, documents: Sequence[LongDocument], kept: Sequence[Sequence[int]]) -> float:
    """The first task's macro-F1 over at most `_MOST_READ` documents with evidence and as many without."""
    with_evidence = [
        place for place, one in enumerate(documents) if any(part.is_evidence for part in one.parts)
    ]
    idle = [place for place in range(len(documents)) if place not in set(with_evidence)]
    places = [*with_evidence[:_MOST_READ], *idle[:_MOST_READ]]
    sentences = [documents[place].sentences(kept[place]) for place in places]
    understood = model.understand(
        [
            replace(model.prepare(str(place), some), content_length=sum(documents[place].lengths))
            for place, some in zip(places, sentences, strict=True)
        ]
    )
    judged = [
        Judged(documents[place].record, tuple(some), result)
        for place, some, result in zip(places, sentences, understood, strict=True)
    ]
    return float(compare(model.application, judged).classifications[0].macro_f1)


def measure_application(folder: Path, console: Console) -> None:
    splitter = SentenceSplitter()
    model = TailoredModel.load(folder / "model")
    application = model.application
    _, tokenizer = load_encoder(application.settings.encoder)
    train, test = (
        short_documents(
            read_records(folder / f"{split}.jsonl", application), application, splitter, tokenizer
        )
        for split in ("train", "test")
    )
    topics = [
        Topic(label.keywords, label.definition)
        for task in application.classifications
        for label in application.sheets[task.name].labels
        if label.minor != task.other
    ]
    choices = contenders(topics, _learned(train), EncoderMmr(test, topics))
    table = _table(f"{folder.name}: {len(test)} test records", [f"{factor}x" for factor in _FACTORS])
    rows: dict[str, list[str]] = {name: [] for name in choices}
    for factor in _FACTORS:
        documents = list(hide(test, factor))
        for name, choose in choices.items():
            kept, share, milliseconds = measure(documents, choose)
            f1 = f"{macro_f1(model, documents, kept):.3f}" if factor in _READ_BY_MODEL else ""
            rows[name] += [f"{share:.3f}", f1, f"{milliseconds:.1f}"]
    for name, cells in rows.items():
        table.add_row(name, *cells)
    console.print(table)
    apart = list(hide(test, 0))
    whole = macro_f1(model, apart, [range(len(one.parts)) for one in apart])
    console.print(f"macro-F1 where nothing is hidden: {whole:.3f}")


def measure_annual_reports(console: Console) -> None:
    if not CHABSA.is_dir():
        console.print(f"chabsa: {CHABSA} is not there")
        return
    _, tokenizer = load_encoder(BUNDLED)
    train, test = annual_reports(CHABSA, tokenizer)
    table = _table(f"chabsa: {len(test)} annual reports, cost, price and market", ["as they come"])
    choices = contenders(OUTLOOK_TOPICS, _learned(train), EncoderMmr(test, OUTLOOK_TOPICS))
    for name, choose in choices.items():
        _, share, milliseconds = measure(test, choose)
        table.add_row(name, f"{share:.3f}", "", f"{milliseconds:.1f}")
    console.print(table)
    selector = SentenceSelector(OUTLOOK_TOPICS, _learned(train))
    for size in _SIZES:
        parts = [part for one in train for part in one.parts]
        texts = [f"{n}、{parts[n % len(parts)].text}" for n in range(size)]
        started = time.process_time()
        selector.choose(texts, [parts[n % len(parts)].length + 2 for n in range(size)], BUDGET)
        console.print(f"{size} sentences: {time.process_time() - started:.2f} CPU seconds")


def _learned(train: Sequence[LongDocument]) -> RelevanceHead | None:
    parts = [part for one in train for part in one.parts]
    return fit_relevance([part.text for part in parts], [part.is_evidence for part in parts])


def _table(title: str, groups: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for group in groups:
        for column in (f"{group} evidence kept", "F1", "ms"):
            table.add_column(column, justify="right")
    return table


def main() -> None:
    one_thread()
    console = Console(width=140)
    for name in sys.argv[1:] or (*APPS, "chabsa"):
        if name == "chabsa":
            measure_annual_reports(console)
        else:
            measure_application(FIXTURES / "apps" / name, console)


if __name__ == "__main__":
    main()
