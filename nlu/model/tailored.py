"""A model tailored to one application: loaded from its folder, it reads documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from nlu.application.application import Application
from nlu.decisions.deciding import Decisions, decide
from nlu.encoders.loading import load_encoder
from nlu.errors import ModelError
from nlu.experts.familiarity import FAMILIARITY_FILE, Familiarity, familiarity_from_files
from nlu.experts.linear_expert import linear_files, linear_from_files
from nlu.experts.sheet_expert import SHEET, SHEET_FILE, sheet_from_files
from nlu.model.blend import Blend
from nlu.model.ensemble import NETWORK, Ensemble, Expert
from nlu.model.judged import Judged
from nlu.network.adapters import build_network, describe_adapters, encoder_checksum, learned_tensors, restore
from nlu.network.preparation import Prepared, Preparer
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence, SentenceSplitter
from nlu.text.relevance.relevance import RelevanceHead
from nlu.understanding import Evidence, SpanPrediction, Understanding

WEIGHTS_FILE = "model.safetensors"
ADAPTERS_FILE = "adapter_config.json"
THRESHOLDS_FILE = "thresholds.json"
ENCODER_FILE = "encoder.json"
BLEND_FILE = "blend.json"
RELEVANCE_FILE = "relevance.safetensors"

# Absent in models of before the encoder knew label sheets: they load the encoder as it was.
_MATCHED = "matched"

_RECORDS_AT_ONCE = 256


class TailoredModel:
    """Reads documents in two steps: `prepare` is cheap and for each document, `understand` runs a batch.

    `model_id` is a short hash over weights, thresholds, `app.toml` and label sheets: models of the same id
    on the same encoder predict the same. `matched` says whether that encoder knows label sheets.
    """

    def __init__(
        self,
        ensemble: Ensemble,
        preparer: Preparer,
        decisions: Decisions,
        checksum: str,
        *,
        matched: bool = True,
    ) -> None:
        self.application = ensemble.application
        self._ensemble = ensemble
        self._preparer = preparer
        self._decisions = decisions
        self._checksum = checksum
        self._matched = matched
        self.model_id = _content_id(self._files())

    @staticmethod
    def load(folder: Path) -> TailoredModel:
        """The model in `folder`, on the encoder that its `app.toml` names.

        Raises ModelError where the folder is incomplete or the encoder is not the one it was trained on, and
        EncoderError where the encoder cannot be had.
        """
        application = Application.load(folder)
        try:
            tensors = load_tensors((folder / WEIGHTS_FILE).read_bytes())
            experts, blend = _read_experts(folder, application)
            familiarity = _read_familiarity(folder)
            relevance = _read_relevance(folder)
            decisions = Decisions.from_json(_read_json(folder / THRESHOLDS_FILE))
            trained_on = _read_json(folder / ENCODER_FILE)
            checksum, vocabulary = trained_on["sha256"], trained_on["vocabulary"]
            asks_encoder, learned = trained_on["selects"], int(trained_on.get("learned_tokens", 0))
            matched = bool(trained_on.get(_MATCHED))
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            problem = (
                f"モデルの部品が足りないか、壊れています（{error}）。yomitori train で作り直してください。"
            )
            raise ModelError(folder, [problem]) from error
        name = application.settings.encoder
        encoder, tokenizer = load_encoder(name, matched=matched)
        found = encoder_checksum(encoder, tokenizer)
        if (found, len(tokenizer)) != (checksum, vocabulary):
            problem = (
                f"学習に使ったエンコーダ（語彙 {vocabulary}、sha256 {checksum[:12]}…）と、いまの「{name}」"
                f"（語彙 {len(tokenizer)}、sha256 {found[:12]}…）が違います。"
                "同じエンコーダを用意するか、yomitori train で学習し直してください。"
            )
            raise ModelError(folder, [problem])
        preparer = Preparer(
            application,
            encoder,
            tokenizer,
            relevance=relevance,
            ask_encoder=asks_encoder,
            with_offsets=bool(application.spans),
        )
        network = build_network(encoder, application, keeps_untuned=matched)
        try:
            restore(network, tensors)
        except ValueError as error:
            problem = (
                "重みの形が app.toml やラベルシートと合いません。yomitori train で学習し直してください。"
            )
            raise ModelError(folder, [problem]) from error
        ensemble = Ensemble(network.eval(), experts, blend, learned, familiarity)
        return TailoredModel(ensemble, preparer, decisions, checksum, matched=matched)

    def save(self, folder: Path) -> None:
        """Write all that `load` needs into `folder`, which is made where it does not exist."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self._files().items():
            (folder / name).write_bytes(data)

    def prepare(self, doc_id: str, sentences: Sequence[Sentence]) -> Prepared:
        """What the encoder will see of a document: small and picklable. Needs no batch."""
        return self._preparer.prepare(doc_id, sentences)

    def understand(self, documents: Sequence[Prepared]) -> list[Understanding]:
        """What each document means, in the same order. A document's result does not depend on the others,
        to the last bit; documents of like length share a pass."""
        signals = self._ensemble.signals(documents, self._preparer.padding_id)
        return [
            decide(self.application, self.model_id, self._decisions, document, signal)
            for document, signal in zip(documents, signals, strict=True)
        ]

    def judge(self, records: Iterable[Record]) -> Iterator[Judged]:
        """Each record with its sentences and what the model makes of it, in order."""
        splitter = SentenceSplitter()
        waiting = iter(records)
        while some := list(islice(waiting, _RECORDS_AT_ONCE)):
            sentences = [splitter.split(record.text, ()) for record in some]
            understandings = self.understand(
                [self.prepare(record.id, parts) for record, parts in zip(some, sentences, strict=True)]
            )
            for record, parts, understanding in zip(some, sentences, understandings, strict=True):
                yield Judged(record, parts, understanding)

    def predict_records(self, records: Iterable[Record]) -> Iterator[dict[str, Any]]:
        """Records with the model's labels, scores and evidence in place of annotations, ready for JSON."""
        for judged in self.judge(records):
            yield _to_json(judged.record, judged.understanding, self.application)

    def _files(self) -> Mapping[str, bytes]:
        name = self.application.settings.encoder
        blend, relevance = self._ensemble.blend, self._preparer.relevance
        encoder = {
            "name": name,
            "sha256": self._checksum,
            "vocabulary": self._preparer.vocabulary,
            "selects": self._preparer.asks_encoder,
            "learned_tokens": self._ensemble.learned,
            **({_MATCHED: True} if self._matched else {}),
        }
        return {
            **self.application.files,
            WEIGHTS_FILE: save_tensors(dict(learned_tensors(self._ensemble.network))),
            ADAPTERS_FILE: _json_bytes(describe_adapters(self._ensemble.network)),
            **self._ensemble.files(),
            **({} if blend is None else {BLEND_FILE: _json_bytes(blend.to_json())}),
            **({} if relevance is None else {RELEVANCE_FILE: save_arrays(relevance.to_tensors())}),
            THRESHOLDS_FILE: _json_bytes(self._decisions.to_json()),
            ENCODER_FILE: _json_bytes(encoder),
        }


def _read_experts(folder: Path, application: Application) -> tuple[Mapping[str, Expert], Blend | None]:
    """The experts that the blend names."""
    if not (folder / BLEND_FILE).exists():
        return {}, None
    blend = Blend.from_json(_read_json(folder / BLEND_FILE))
    experts: dict[str, Expert] = {}
    for kind in blend.experts:
        if kind == SHEET:
            experts[kind] = sheet_from_files(application, {SHEET_FILE: (folder / SHEET_FILE).read_bytes()})
        elif kind != NETWORK:
            files = {name: (folder / name).read_bytes() for name in linear_files(kind)}
            experts[kind] = linear_from_files(application, kind, files)
    return experts, blend


def _read_familiarity(folder: Path) -> Familiarity | None:
    path = folder / FAMILIARITY_FILE
    return familiarity_from_files({FAMILIARITY_FILE: path.read_bytes()}) if path.exists() else None


def _read_relevance(folder: Path) -> RelevanceHead | None:
    path = folder / RELEVANCE_FILE
    return RelevanceHead.from_tensors(load_arrays(path.read_bytes())) if path.exists() else None


def _content_id(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


def _json_bytes(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _to_json(record: Record, understanding: Understanding, application: Application) -> dict[str, Any]:
    tasks = [task.name for task in application.classifications]
    return {
        "id": record.id,
        "text": record.text,
        "labels": {
            task: [
                {
                    "label": label.minor,
                    "path": [label.major, label.middle, label.minor],
                    "probability": label.probability,
                    "accepted": label.accepted,
                    "review": label.review,
                }
                for label in understanding.labels
                if label.task == task
            ]
            for task in tasks
        },
        "scores": {score.task: score.value for score in understanding.scores},
        "evidence": {
            task.name: [_stretch(proof) for proof in understanding.evidence if proof.task == task.name]
            for task in application.classifications
            if task.evidence
        },
        "spans": {
            task.name: [_stretch(span) for span in understanding.spans if span.task == task.name]
            for task in application.spans
        },
        "meta": dict(record.meta),
    }


def _stretch(found: Evidence | SpanPrediction) -> dict[str, Any]:
    return {
        "label": found.label,
        "start": found.start,
        "end": found.end,
        "text": found.text,
        "probability": found.probability,
    }
