"""What the bundled encoder knows of label sheets: `python -m benchmarks.fitting.fit_matching OUT [--without
NAME ...]`.

Learns from the sheets of twelve trades (`fixtures/sheets`), the train records of the two sample applications,
customers' speech acts (ASDC) and sentences of annual reports (chABSA), each with its sheet, what
`nlu/encoders/matching.py` holds. A batch is of one sheet, with all its labels or, in a third of the batches,
some of them: whatever the sheet says nothing of is "other". Keywords and definitions are thinned out at
random, so that none of them is relied on.

`--without` leaves sheets out, by which the study `day_zero` shows what holds on sheets that nobody trained
for. About 25 CPU minutes.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, inject_adapter_in_model
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.learning.datasets import load
from fixtures.sheet_texts import read_sheet, sheet_names
from nlu.application.application import Application
from nlu.application.label_sets import reported_labels
from nlu.application.label_sheet import Label
from nlu.encoders.loading import load_encoder, one_thread
from nlu.encoders.lower_layers import entering, run_upper, top_linear_names
from nlu.encoders.matching import LORA_SCALE
from nlu.experts.ordinary_sentences import ORDINARY
from nlu.experts.sheet_vectors import ORDINARY_SHARE, described, mean_vectors
from nlu.network.keywords import SheetKeywords
from nlu.network.preparation import Prepared, Preparer
from nlu.records.evidence import evidence_spans, proves
from nlu.records.record import Record
from nlu.text.boundaries.sentences import SentenceSplitter

FIRST_LAYER = 6
"""The encoder's layers from here on learn; with 8 average precision on sheets left out was .015 lower."""
SHARE = 0.85
"""Of what was learned so much is added to the weights (Wortsman et al., "Robust fine-tuning of zero-shot
models", CVPR 2022): on sheets left out all of it knows better whether anything is to be told, and less well
what."""

_RANK, _EPOCHS, _BATCH, _MOST_OF_A_SHEET = 8, 3, 16, 250
_RATES = {"adapters": 7e-4, "gains": 7e-3, "report": 2e-2}
_FEWER_LABELS, _THINNED, _NO_HITS = 0.3, 0.5, 0.3
_SEED = 1


@dataclass(frozen=True, slots=True)
class Text:
    """`lower`: (tokens, hidden), what enters FIRST_LAYER; `hits`: (sentences, labels); `proofs`: the same,
    which sentence proves which label, None where nobody marked it; `labels` are the places of those that
    hold."""

    prepared: Prepared
    lower: Tensor
    hits: Tensor
    proofs: Tensor | None
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The labels that can be reported, and texts of them; `exclusive` where at most one holds."""

    labels: tuple[Label, ...]
    texts: tuple[Text, ...]
    exclusive: bool
    has_other: bool


class Matcher(nn.Module):
    """The numbers of `nlu.encoders.matching.Matching`, while they are learned."""

    def __init__(self, center: Tensor) -> None:
        super().__init__()
        self.center = nn.Parameter(center.clone())
        self.report = nn.Parameter(torch.zeros_like(center))
        self.gains = nn.Parameter(torch.tensor([4.0, 4.0, 1.6, -3.6]))

    def forward(self, sentences: Tensor, definitions: Tensor, keywords: Tensor, hits: Tensor) -> Tensor:
        """Logits that each sentence proves each label, (sentences, labels), from vectors as the encoder gives
        them."""
        direction = functional.normalize(sentences - self.center, dim=-1)
        definition, keyword, hit, bias = self.gains
        by_definition = direction @ _directions(definitions, self.center).T
        by_keywords = direction @ _directions(keywords, self.center).T
        near = definition * by_definition + keyword * by_keywords + hit * hits + bias
        return near + (direction @ self.report).unsqueeze(1)


def _directions(labels: Tensor, center: Tensor) -> Tensor:
    common = (1 - ORDINARY_SHARE) * labels.mean(dim=0) + ORDINARY_SHARE * center
    return functional.normalize(labels - common, dim=-1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="The file to write.")
    parser.add_argument("--without", nargs="*", default=[], help="Sheets to leave out.")
    asked = parser.parse_args()
    one_thread()
    torch.manual_seed(_SEED)
    encoder, tokenizer = load_encoder("bundled", matched=False)
    encoder.requires_grad_(False)
    sheets = [
        _sheet(application, records, encoder, tokenizer)
        for name, application, records in sources()
        if name not in asked.without
    ]
    center = torch.from_numpy(mean_vectors(encoder, tokenizer, ORDINARY).mean(axis=0))
    config = LoraConfig(
        r=_RANK,
        lora_alpha=round(LORA_SCALE * _RANK),
        lora_dropout=0.0,
        target_modules=top_linear_names(encoder, FIRST_LAYER),
    )
    inject_adapter_in_model(config, encoder)
    matcher = Matcher(center)
    _learn(encoder, tokenizer, matcher, sheets)
    save_file(_written(encoder, matcher, Matcher(center)), asked.out)


def sources() -> Iterator[tuple[str, Application, Sequence[Record]]]:
    """What may be learned from, by name."""
    for name in sheet_names():
        yield name, *read_sheet(name)
    for name in ("call_log", "daily_report", "asdc_acts", "chabsa"):
        dataset = load(name)
        yield name, dataset.application, dataset.train


def _sheet(application: Application, records: Sequence[Record], encoder, tokenizer) -> Sheet:
    task = application.classifications[0]
    sheet = application.sheets[task.name]
    reported = reported_labels(task, sheet)
    names = [sheet.names[label] for label in reported]
    keywords, splitter = SheetKeywords(application), SentenceSplitter()
    preparer = Preparer(application, encoder, tokenizer)
    some = random.Random(_SEED).sample(list(records), min(len(records), 4 * _MOST_OF_A_SHEET))
    texts = []
    for record in some:
        prepared = preparer.prepare(record.id, splitter.split(record.text, ()))
        if not prepared.sentences:
            continue
        token_ids = torch.tensor([prepared.token_ids])
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            (lower,) = entering(encoder, (FIRST_LAYER,), token_ids, torch.ones_like(token_ids))
        hits = [keywords.hits(task.name, sentence.text) for sentence in prepared.sentences]
        spans = evidence_spans(record, task)
        proofs = None if spans is None else torch.zeros(len(hits), len(names))
        held = [place for place, name in enumerate(names) if name in record.labels[task.name]]
        for place in held:
            own = [span for span in spans or () if not span.labels or names[place] in span.labels]
            for row, sentence in enumerate(prepared.sentences):
                if proofs is not None and proves(sentence, own):
                    proofs[row, place] = 1.0
        texts.append(
            Text(prepared, lower[0].to(torch.bfloat16).clone(), torch.tensor(hits), proofs, tuple(held))
        )
    labels = tuple(sheet.labels[label] for label in reported)
    return Sheet(labels, tuple(texts), not task.multi_label, task.other is not None)


def _learn(encoder, tokenizer, matcher: Matcher, sheets: Sequence[Sheet]) -> None:
    draw = random.Random(_SEED)
    adapters = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
    groups = {"adapters": adapters, "gains": [matcher.center, matcher.gains], "report": [matcher.report]}
    optimizer = torch.optim.AdamW(
        [{"params": some, "lr": _RATES[name]} for name, some in groups.items()], weight_decay=0.01
    )
    epochs = [[*_batches(sheets, draw)] for _ in range(_EPOCHS)]
    steps = sum(map(len, epochs))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (0.1 * steps)) * max(0.0, 1 - step / steps)
    )
    encoder.train()
    for number, batches in enumerate(epochs, start=1):
        total = 0.0
        for sheet, texts in batches:
            loss = _loss(encoder, tokenizer, matcher, sheet, texts, draw)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(adapters, 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {number}: loss {total / len(batches):.3f}", flush=True)
    encoder.eval()


def _batches(sheets: Sequence[Sheet], draw: random.Random) -> Iterator[tuple[Sheet, Sequence[Text]]]:
    batches = []
    for sheet in sheets:
        some = draw.sample(sheet.texts, min(_MOST_OF_A_SHEET, len(sheet.texts)))
        some.sort(key=lambda text: text.prepared.length + 20 * draw.random())
        batches += [(sheet, some[first : first + _BATCH]) for first in range(0, len(some), _BATCH)]
    draw.shuffle(batches)
    yield from batches


def _loss(
    encoder, tokenizer, matcher: Matcher, sheet: Sheet, texts: Sequence[Text], draw: random.Random
) -> Tensor:
    kept = list(range(len(sheet.labels)))
    if draw.random() < _FEWER_LABELS and len(kept) > 3:
        kept = sorted(draw.sample(kept, draw.randint(max(2, len(kept) // 2), len(kept) - 1)))
    labels = [_thinned(sheet.labels[place], draw) for place in kept]
    described_as = [described(label) for label in labels]
    named_by = ["、".join(label.keywords) or label.minor for label in labels]
    found = _label_vectors(encoder, tokenizer, [*described_as, *named_by])
    losses = []
    for text, sentences in zip(texts, _sentence_vectors(encoder, tokenizer, texts), strict=True):
        hits = text.hits[:, kept] * float(draw.random() >= _NO_HITS)
        proofs = matcher(sentences, found[: len(kept)], found[len(kept) :], hits)
        logits = torch.logsumexp(torch.cat([torch.zeros(1, len(kept)), proofs]), dim=0)
        held = [kept.index(place) for place in text.labels if place in kept]
        losses.append(_label_loss(logits, held, sheet, lost=len(held) < len(text.labels)))
        if text.proofs is not None:
            losses.append(functional.binary_cross_entropy_with_logits(proofs, text.proofs[:, kept]))
    return torch.stack(losses).sum() / len(texts)


def _label_loss(logits: Tensor, held: Sequence[int], sheet: Sheet, *, lost: bool) -> Tensor:
    """As the heads of a fresh network judge (`nlu.network.task_heads`)."""
    if not sheet.exclusive:
        truth = torch.zeros_like(logits)
        truth[list(held)] = 1.0
        loss = 2 * functional.binary_cross_entropy_with_logits(logits - log(2), truth)
        return loss + 0.5 * functional.cross_entropy(logits, truth / truth.sum()) if held else loss
    if lost and not sheet.has_other:
        return logits.sum() * 0.0
    silence = torch.tensor([log(len(logits) + 1) if sheet.has_other or lost else -9.0])
    target = torch.tensor(held[0] if held else len(logits))
    return functional.cross_entropy(torch.cat([logits, silence]), target)


def _thinned(label: Label, draw: random.Random) -> Label:
    keywords, definition = list(label.keywords), label.definition
    if draw.random() < _THINNED and keywords:
        keywords = draw.sample(keywords, max(1, len(keywords) // 2))
    if draw.random() < _THINNED / 2:
        definition = definition.split("。")[0]
    if draw.random() < _THINNED / 4:
        definition = ""
    return Label(label.major, label.middle, label.minor, definition, tuple(keywords))


def _label_vectors(encoder, tokenizer, texts: Sequence[str]) -> Tensor:
    """(texts, hidden), means of the token vectors, the end marks left out."""
    seen = tokenizer(list(texts), padding=True, truncation=True, max_length=128, return_tensors="pt")
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        (lower,) = entering(encoder, (FIRST_LAYER,), seen.input_ids, seen.attention_mask)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        last = run_upper(encoder, FIRST_LAYER, seen.input_ids, seen.attention_mask, lower).float()
    inner = seen.attention_mask.clone()
    inner[:, 0] = 0
    inner[torch.arange(len(inner)), seen.attention_mask.sum(dim=1) - 1] = 0
    weights = inner.unsqueeze(-1).float()
    return (last * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def _sentence_vectors(encoder, tokenizer, texts: Sequence[Text]) -> list[Tensor]:
    longest = max(text.prepared.length for text in texts)
    token_ids = torch.full((len(texts), longest), int(tokenizer.pad_token_id))
    mask = torch.zeros((len(texts), longest), dtype=torch.long)
    lower = torch.zeros((len(texts), longest, texts[0].lower.shape[1]))
    for row, text in enumerate(texts):
        token_ids[row, : text.prepared.length] = torch.tensor(text.prepared.token_ids)
        mask[row, : text.prepared.length] = 1
        lower[row, : text.prepared.length] = text.lower.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        last = run_upper(encoder, FIRST_LAYER, token_ids, mask, lower).float()
    return [
        torch.stack([last[row, start:end].mean(dim=0) for start, end in text.prepared.spans])
        for row, text in enumerate(texts)
    ]


def _written(encoder, matcher: Matcher, start: Matcher) -> Mapping[str, np.ndarray]:
    """SHARE of the way from where learning started to what was learned."""
    arrays: dict[str, np.ndarray] = {}
    for name, parameter in encoder.named_parameters():
        if parameter.requires_grad:
            layer, _, part = name.removesuffix(".default.weight").rpartition(".lora_")
            value = parameter.detach() * (SHARE if part == "B" else 1.0)
            arrays[f"adapters/{layer}/{part}"] = value.numpy().astype(np.float16)
    for name, value in matcher.named_parameters():
        first = dict(start.named_parameters())[name]
        arrays[name] = (first + SHARE * (value - first)).detach().numpy().astype(np.float32)
    return arrays


if __name__ == "__main__":
    main()
