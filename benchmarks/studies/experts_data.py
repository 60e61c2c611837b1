"""Annotated sets as examples with the mean vector of each sentence: the sample applications, and real data
where it stands beside the repository."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixtures.truth_file import FIXTURES
from nlu.application.application import Application
from nlu.application.label_sheet import Label, LabelSheet
from nlu.application.settings import ClassificationTask, ScoreTask, Settings
from nlu.network.preparation import Prepared
from nlu.records.record import Record
from nlu.records.record_files import read_records
from nlu.text.boundaries.sentences import Sentence
from nlu.training.examples.examples import Example, make_example

_DATA = Path(__file__).parents[3] / "shared" / "data"
_SENTENCE = re.compile(r"[^。！？\n]+[。！？」』）)]*")
_MOST_TOKENS = 254
_BATCH = 16
_JRTE = {
    "pn": {"1": "良い評判", "0": "評判ではない", "-1": "悪い評判"},
    "rhr": {"1": "宿の評判", "0": "その他の話"},
}


@dataclass(frozen=True, slots=True)
class Corpus:
    """`parts[i]` is the split of `examples[i]`: train, dev or test. Sentences stand for tokens: the span of
    the i-th is (i, i + 1)."""

    name: str
    application: Application
    examples: tuple[Example, ...]
    parts: tuple[str, ...]

    def rows(self, part: str) -> list[int]:
        return [row for row, found in enumerate(self.parts) if found == part]

    def part(self, part: str) -> list[Example]:
        return [self.examples[row] for row in self.rows(part)]

    def single(self, task: ClassificationTask) -> Application:
        """The application with one of its tasks."""
        settings = self.application.settings.model_copy(update={"tasks": (task,)})
        return replace(self.application, settings=settings)


def corpora() -> Iterator[Corpus]:
    for name in ("call-log", "daily-report"):
        yield _sample(name)
    if _DATA.is_dir():
        yield _accidents()
        for name in _JRTE:
            yield _reviews(name)
        yield _dialogues()


def encode(corpus: Corpus, folder: Path) -> list[NDArray[np.float32]]:
    """(sentences, hidden) of each example, mean token vectors of the bundled encoder over the whole
    document; read from `folder` where they were kept there."""
    place = folder / f"{corpus.name}.npz"
    if not place.exists():
        found = _run_encoder([example.prepared for example in corpus.examples])
        np.savez(place, sent=np.concatenate(found), count=[len(part) for part in found])
    kept = np.load(place)
    return np.split(kept["sent"], np.cumsum(kept["count"])[:-1])


def _run_encoder(documents: Sequence[Prepared]) -> list[NDArray[np.float32]]:
    import torch

    from nlu.encoders.loading import load_encoder, one_thread

    one_thread()
    model, tokenizer = load_encoder("bundled")
    begin, end = tokenizer("").input_ids
    ids: list[list[int]] = []
    spans: list[list[tuple[int, int]]] = []
    for document in documents:
        tokens, places = [begin], []
        texts = [sentence.text for sentence in document.sentences]
        for part in tokenizer(texts, add_special_tokens=False).input_ids:
            start = min(len(tokens), _MOST_TOKENS)
            tokens = [*tokens, *part][: _MOST_TOKENS + 1]
            places.append((start, len(tokens)))
        ids.append([*tokens, end])
        spans.append(places)
    found: dict[int, NDArray[np.float32]] = {}
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    for first in range(0, len(order), _BATCH):
        rows = order[first : first + _BATCH]
        length = max(len(ids[row]) for row in rows)
        batch = torch.full((len(rows), length), int(tokenizer.pad_token_id))
        mask = torch.zeros((len(rows), length), dtype=torch.long)
        for place, row in enumerate(rows):
            batch[place, : len(ids[row])] = torch.tensor(ids[row])
            mask[place, : len(ids[row])] = 1
        with torch.inference_mode():
            hidden = model(input_ids=batch, attention_mask=mask)[0].numpy()
        for place, row in enumerate(rows):
            found[row] = np.array([hidden[place, start:stop].mean(axis=0) for start, stop in spans[row]])
    return [found[row] for row in range(len(ids))]


def _sample(name: str) -> Corpus:
    folder = FIXTURES / "apps" / name
    application = Application.load(folder)
    tasks = tuple(
        task.model_copy(update={"evidence": False}) if isinstance(task, ClassificationTask) else task
        for task in application.settings.tasks
    )
    plain = replace(application, settings=application.settings.model_copy(update={"tasks": tasks}))
    by_part = {part: read_records(folder / f"{part}.jsonl", application) for part in ("train", "dev", "test")}
    records = [record for several in by_part.values() for record in several]
    parts = [part for part, several in by_part.items() for _ in several]
    return _corpus(name, plain, records, parts)


def _accidents() -> Corpus:
    """Reports of fatal accidents: two tasks, their label sheets made of names alone."""
    records: list[Record] = []
    parts: list[str] = []
    for file in sorted((_DATA / "mhlw_deaths").glob("records-*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            content = json.loads(line)
            labels = {
                "accident": (content["accidentType"]["name"],),
                "cause": (content["cause"]["majorName"],),
            }
            records.append(Record(content["id"], content["description"], labels))
            parts.append({2022: "dev", 2023: "test"}.get(content["year"], "train"))
    return _corpus("mhlw", _application("mhlw", records), records, parts)


def _reviews(name: str) -> Corpus:
    """Sentences of hotel reviews; the mean of the annotators' votes is the score."""
    records: list[Record] = []
    parts: list[str] = []
    for line in (_DATA / "jrte" / f"{name}.tsv").read_text("utf-8").splitlines():
        number, label, text, voted, part = line.split("\t")
        votes = json.loads(voted)
        mean = sum(int(vote) * count for vote, count in votes.items()) / sum(votes.values())
        records.append(Record(number, text, {name: (_JRTE[name][label],)}, {"votes": mean}))
        parts.append(part)
    return _corpus(name, _application(name, records, ("votes",)), records, parts)


def _dialogues() -> Corpus:
    """Speech acts of customers, split by dialogue."""
    records: list[Record] = []
    parts: list[str] = []
    for number, file in enumerate(sorted((_DATA / "asdc" / "data" / "main" / "dialog_act").glob("*.tsv")), 1):
        with file.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["speaker"] == "user" and row["speech_act"]:
                    label = row["speech_act"].split(",")[0]
                    records.append(Record(row["utterance_id"], row["utterance"], {"act": (label,)}))
                    parts.append({0: "test", 1: "dev"}.get(number % 5, "train"))
    return _corpus("asdc", _application("asdc", records), records, parts)


def _application(name: str, records: Sequence[Record], scores: Sequence[str] = ()) -> Application:
    tasks = list(records[0].labels)
    sheets: Mapping[str, LabelSheet] = {
        task: LabelSheet(
            tuple(
                Label(label, label, label, "", ())
                for label in sorted({record.labels[task][0] for record in records})
            )
        )
        for task in tasks
    }
    settings = Settings(
        name=name,
        title=name,
        tasks=(
            *(ClassificationTask(name=task, type="classification", labels="labels.csv") for task in tasks),
            *(ScoreTask(name=score, type="score", minimum=-1, maximum=1) for score in scores),
        ),
    )
    return Application(settings, sheets, {})


def _corpus(name: str, application: Application, records: Sequence[Record], parts: Sequence[str]) -> Corpus:
    examples: list[Any] = []
    for record in records:
        found = [match for match in _SENTENCE.finditer(record.text) if match.group().strip()]
        sentences = tuple(
            Sentence(number, match.group().strip(), match.start(), match.end(), None)
            for number, match in enumerate(found)
        ) or (Sentence(0, record.text, 0, len(record.text), None),)
        spans = tuple((place, place + 1) for place in range(len(sentences)))
        prepared = Prepared(record.id, (), spans, sentences)
        examples.append(make_example(record, sentences, prepared, application))
    return Corpus(name, application, tuple(examples), tuple(parts))
