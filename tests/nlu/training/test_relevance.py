"""Which sentences of annotated records a relevance head learns from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nlu.records.record import Record, Span
from nlu.text.boundaries.sentences import SentenceSplitter
from nlu.text.relevance.ngrams import character_ngrams
from nlu.text.relevance.relevance import RelevanceHead
from nlu.training.examples.relevance_head import relevance_head
from tests.support.nlu.small_application import small_application, small_records

WANTED = "別の工場でも使いたいので新しく契約したいそうだ。"
UNWANTED = "お世話になっております。"


def _learn(records: list[Record], splitter: SentenceSplitter, folder: Path) -> RelevanceHead | None:
    sentences = [splitter.split(record.text) for record in records]
    return relevance_head(records, sentences, small_application(folder))


def _tells_apart(head: RelevanceHead | None) -> bool:
    assert head is not None
    wanted, unwanted = head.probabilities(character_ngrams([WANTED, UNWANTED]))
    return bool(wanted > 4 * unwanted)


def test_marked_evidence_teaches_what_matters(splitter: SentenceSplitter, tmp_path: Path) -> None:
    assert _tells_apart(_learn(list(small_records(60, "train")), splitter, tmp_path))


def test_sentences_read_one_by_one_teach_as_well(splitter: SentenceSplitter, tmp_path: Path) -> None:
    read = [
        replace(
            record,
            evidence={},
            labels={},
            sentences={
                "needs": tuple(
                    Span(
                        part.start,
                        part.end,
                        record.labels["needs"]
                        if any(
                            part.start < span.end and span.start < part.end
                            for span in record.evidence["needs"]
                        )
                        else (),
                    )
                    for part in splitter.split(record.text)
                )
            },
        )
        for record in small_records(60, "train")
    ]
    assert _tells_apart(_learn(read, splitter, tmp_path))


def test_records_without_a_mark_teach_nothing(splitter: SentenceSplitter, tmp_path: Path) -> None:
    """A label alone does not say which sentence it stands for."""
    bare = [replace(record, evidence={}) for record in small_records(60, "train")]
    assert _learn(bare, splitter, tmp_path) is None
