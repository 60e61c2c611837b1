"""The annotated texts that contenders meet: read where they lie, and turned into our records.

The applications (tasks and label sheets) stand beside this file; the sheets were written from the names of
the labels alone. Everything is split by what a model will really meet: later years, other dialogues, other
documents, or the corpus's official test part.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixtures.truth_file import FIXTURES
from nlu.application.application import Application
from nlu.records.record import Record, Span
from nlu.records.record_files import read_records

APPLICATIONS = Path(__file__).parent / "applications"
DATA = Path(__file__).parents[2].parent / "shared" / "data"

# Dialogues and documents of the dev and the test part, the others being train; in the corpus's own order.
_ASDC_DEV, _ASDC_TEST = range(127, 148), range(148, 211)
_CHABSA_DEV, _CHABSA_TEST = range(138, 161), range(161, 230)
_PASSAGE_SENTENCES = 6

_POLARITIES = {"-1": "不評", "0": "中立", "1": "好評"}
_REPUTATIONS = {"0": "宿の評判でない", "1": "宿の評判である"}
_ENTITIES = {
    "NULL": "対象なし",
    "market": "市場",
    "company": "会社",
    "business": "事業",
    "product": "製品",
}
_ATTRIBUTES = {
    "general": "全般",
    "sales": "売上",
    "profit": "利益",
    "amount": "数量",
    "price": "価格",
    "cost": "費用",
}
_NO_OPINION = "意見なし"
_SIGNS = {"positive": 1, "negative": -1, "neutral": 0}


@dataclass(frozen=True, slots=True)
class Dataset:
    """An application and its records; the first of its tasks is the one that subsets are balanced by."""

    name: str
    application: Application
    train: tuple[Record, ...]
    dev: tuple[Record, ...]
    test: tuple[Record, ...]


def load(name: str) -> Dataset:
    """The data set of a name in `DATASETS`. Raises FileNotFoundError where its texts are not there."""
    return DATASETS[name](name)


def _mhlw(name: str) -> Dataset:
    application = Application.load(APPLICATIONS / name)
    parts = {"train": range(2019, 2022), "dev": range(2022, 2023), "test": range(2023, 2024)}
    return Dataset(
        name,
        application,
        **{
            part: tuple(record for year in years for record in _accidents(year, application))
            for part, years in parts.items()
        },
    )


def _accidents(year: int, application: Application) -> Iterator[Record]:
    for line in (DATA / "mhlw_deaths" / f"records-{year}.jsonl").read_text("utf-8").splitlines():
        report = json.loads(line)
        labels = {
            "accident": report["accidentType"]["name"],
            "cause": report["cause"]["mediumName"],
            "industry": report["industry"]["majorName"],
        }
        names = application.sheets.get("rare")
        labels["rare"] = labels["accident"] if names and labels["accident"] in names.names else "その他"
        asked = {task.name: (labels[task.name],) for task in application.classifications}
        yield Record(report["id"], report["description"], asked)


def _asdc(name: str) -> Dataset:
    with_spans = name == "asdc_spans"
    parts = {
        "train": (n for n in range(1, 211) if n not in _ASDC_DEV and n not in _ASDC_TEST),
        "dev": _ASDC_DEV,
        "test": _ASDC_TEST,
    }
    return Dataset(
        name,
        Application.load(APPLICATIONS / name),
        **{
            part: tuple(record for number in numbers for record in _utterances(number, with_spans))
            for part, numbers in parts.items()
        },
    )


def _utterances(dialogue: int, with_spans: bool) -> Iterator[Record]:
    """What the customer says, an utterance a record. The file has one row for each span."""
    rows_of: dict[str, list[dict[str, str]]] = {}
    path = DATA / "asdc" / "data" / "main" / "request_span" / f"{dialogue:03d}.tsv"
    for row in _tsv(path):
        if row["speaker"] == "user":
            rows_of.setdefault(row["utterance_id"], []).append(row)
    for number, rows in rows_of.items():
        spans = tuple(
            Span(start, start + int(row["span_length"]), (row["span_type"],))
            for row in rows
            if row["span_id"] and row["span_utterance_id"] == number
            for start in [int(row["span_start"])]
        )
        yield Record(
            f"{dialogue:03d}-{number}",
            rows[0]["utterance"],
            {"act": (rows[0]["speech_act"],)},
            spans={"wish": tuple(sorted(set(spans), key=lambda span: span.start))} if with_spans else {},
        )


def _jrte(name: str) -> Dataset:
    """Both files hold the same sentences; the split is that of the polarity."""
    reputation = {row[2]: row[1] for row in _rows(DATA / "jrte" / "rhr.tsv")}
    parts: dict[str, list[Record]] = {"train": [], "dev": [], "test": []}
    for number, label, text, votes, part in _rows(DATA / "jrte" / "pn.tsv"):
        cast: Mapping[str, int] = json.loads(votes)
        mean = sum(int(value) * count for value, count in cast.items()) / sum(cast.values())
        labels = {"polarity": (_POLARITIES[label],), "reputation": (_REPUTATIONS[reputation[text]],)}
        parts[part].append(Record(number, text, labels, {"sentiment": mean}))
    application = Application.load(APPLICATIONS / name)
    return Dataset(name, application, **{part: tuple(records) for part, records in parts.items()})


def _chabsa(name: str) -> Dataset:
    step = _PASSAGE_SENTENCES if name == "chabsa_passages" else 1
    parts: dict[str, list[Record]] = {"train": [], "dev": [], "test": []}
    for number, path in enumerate(sorted((DATA / "chabsa" / "annotated").glob("*.json"))):
        part = "dev" if number in _CHABSA_DEV else "test" if number in _CHABSA_TEST else "train"
        sentences = json.loads(path.read_text("utf-8"))["sentences"]
        for first in range(0, len(sentences), step):
            some = [sentence for sentence in sentences[first : first + step] if sentence["sentence"].strip()]
            if some:
                parts[part].append(_passage(f"{path.stem}-{first}", some))
    application = Application.load(APPLICATIONS / name)
    return Dataset(name, application, **{part: tuple(records) for part, records in parts.items()})


def _passage(number: str, sentences: Sequence[Mapping[str, object]]) -> Record:
    """Sentences as one text with a full stop after each; evidence is the sentences with an opinion.

    The polarity is (positive − negative) / all opinions, not annotated where there is none.
    """
    text = ""
    evidence: list[Span] = []
    labels: list[str] = []
    signs: list[int] = []
    for sentence in sentences:
        start = len(text)
        text += f"{sentence['sentence']}。"
        opinions: Sequence[Mapping[str, str]] = sentence["opinions"]  # type: ignore[assignment]
        named = dict.fromkeys(_category(opinion["category"]) for opinion in opinions)
        if named:
            evidence.append(Span(start, len(text), tuple(named)))
        labels += named
        signs += [_SIGNS[opinion["polarity"]] for opinion in opinions]
    return Record(
        number,
        text,
        {"opinion": tuple(dict.fromkeys(labels)) or (_NO_OPINION,)},
        {"polarity": sum(signs) / len(signs)} if signs else {},
        {"opinion": tuple(evidence)} if len(sentences) > 1 else {},
    )


def _category(code: str) -> str:
    entity, attribute = code.split("#")
    return f"{_ENTITIES[entity]}の{_ATTRIBUTES[attribute]}"


def _fixture(name: str) -> Dataset:
    folder = FIXTURES / "apps" / name.replace("_", "-")
    application = Application.load(folder)
    parts = {part: read_records(folder / f"{part}.jsonl", application) for part in ("train", "dev", "test")}
    return Dataset(name, application, **parts)


def _tsv(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


DATASETS: Mapping[str, Callable[[str], Dataset]] = {
    "asdc_acts": _asdc,
    "asdc_spans": _asdc,
    "jrte": _jrte,
    "mhlw_accident": _mhlw,
    "mhlw_tasks": _mhlw,
    "mhlw_rare": _mhlw,
    "chabsa": _chabsa,
    "chabsa_passages": _chabsa,
    "call_log": _fixture,
    "daily_report": _fixture,
}
