"""Documents beyond the encoder's limit whose evidence is known."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from nlu.application.application import Application
from nlu.encoders.tokens import tokenize
from nlu.records.evidence import evidence_spans, proves
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence, SentenceSplitter
from nlu.text.relevance.relevance import Topic

BUDGET = 254
"""Tokens that a document gets of 256, the two marks taken off."""

_SEED = 13


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A sentence, its tokens, and whether it is evidence."""

    text: str
    length: int
    is_evidence: bool


@dataclass(frozen=True, slots=True)
class LongDocument:
    """`record` is what is hidden in it: its labels are the document's."""

    record: Record
    parts: tuple[SentencePart, ...]

    @property
    def texts(self) -> list[str]:
        return [part.text for part in self.parts]

    @property
    def lengths(self) -> list[int]:
        return [part.length for part in self.parts]

    def share_kept(self, kept: Sequence[int]) -> float:
        """How much of the evidence is among the sentences `kept`, 0 to 1."""
        evidence = {number for number, part in enumerate(self.parts) if part.is_evidence}
        return len(evidence & set(kept)) / len(evidence)

    def sentences(self, kept: Sequence[int]) -> list[Sentence]:
        """The sentences `kept`, as lines of a text of their own."""
        found = []
        start = 0
        for number, part in enumerate(self.parts[place] for place in kept):
            found.append(Sentence(number, part.text, start, start + len(part.text), None))
            start += len(part.text) + 1
        return found


def short_documents(
    records: Sequence[Record],
    application: Application,
    splitter: SentenceSplitter,
    tokenizer: PreTrainedTokenizerBase,
) -> list[LongDocument]:
    """Each record as it is, without its noise."""
    found = []
    for record in records:
        spans = [span for task in application.classifications for span in evidence_spans(record, task) or ()]
        sentences = [sentence for sentence in splitter.split(record.text) if sentence.noise is None]
        tokens = tokenize(tokenizer, [sentence.text for sentence in sentences])
        parts = tuple(
            SentencePart(sentence.text, len(one.ids), proves(sentence, spans))
            for sentence, one in zip(sentences, tokens, strict=True)
            if one.ids
        )
        found.append(LongDocument(record, parts))
    return found


def hide(documents: Sequence[LongDocument], factor: int) -> Iterator[LongDocument]:
    """Each document with evidence, and as many without, strewn among others without up to `factor` times the
    budget; the order inside each is kept."""
    drawn = random.Random(_SEED)
    idle = [document for document in documents if not any(part.is_evidence for part in document.parts)]
    with_evidence = [document for document in documents if any(part.is_evidence for part in document.parts)]
    for document in [*with_evidence, *drawn.sample(idle, min(len(with_evidence), len(idle)))]:
        mixed = [document]
        while sum(part.length for one in mixed for part in one.parts) < factor * BUDGET:
            mixed.append(drawn.choice(idle))
        turns = [number for number, one in enumerate(mixed) for _ in one.parts]
        drawn.shuffle(turns)
        queues = [iter(one.parts) for one in mixed]
        yield LongDocument(document.record, tuple(next(queues[turn]) for turn in turns))


OUTLOOK_TOPICS = (
    Topic(
        ("費用", "コスト", "原価", "販管費"),
        "費用や原価、経費が増えたか減ったかについての記述。人件費、原材料費、償却費、販売費を含む。",
    ),
    Topic(("価格", "単価", "値下げ", "値上げ"), "製品や原材料の価格、販売単価の上昇や下落についての記述。"),
    Topic(("市場", "需要", "業界"), "市場や業界の全体の動き、需要や競争の環境についての記述。"),
)
"""A sheet for the rare categories of annual reports: cost, price, market."""


def annual_reports(
    folder: Path, tokenizer: PreTrainedTokenizerBase
) -> tuple[list[LongDocument], list[LongDocument]]:
    """chABSA's annual reports for training and, every fifth, for testing; evidence are the sentences with an
    opinion on cost, price or the market. Longer than the budget by far, as they are."""
    documents = []
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        sentences = [one for one in content["sentences"] if one["sentence"].strip()]
        tokens = tokenize(tokenizer, [one["sentence"] for one in sentences])
        parts = tuple(
            SentencePart(
                one["sentence"], len(found.ids), any(_is_rare(o["category"]) for o in one["opinions"])
            )
            for one, found in zip(sentences, tokens, strict=True)
        )
        documents.append(LongDocument(Record(path.stem, ""), parts))
    return [one for n, one in enumerate(documents) if n % 5 < 3], documents[4::5]


def _is_rare(category: str) -> bool:
    return category.endswith(("#cost", "#price")) or category == "market#general"
