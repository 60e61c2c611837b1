"""What domain adaptation brings: hidden words filled, and two tasks before and after.

Frozen: a class-balanced logistic regression on the mean token vector of the encoder, its strength chosen by
cross-validation on the training texts. Tuned: the top layers learn from few texts. The unlabelled texts are
those of the training parts and reviews without labels; the encoder never sees a test part.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nlu.encoders.loading import BUNDLED, load_encoder, one_thread, text_vectors
from nlu.encoders.lower_layers import run_lower, run_upper, top_parameters
from nlu.encoders.precision import mixed_precision
from nlu.training.adaptation.domain_adaptation import adapt
from nlu.training.adaptation.masked_language import AdaptSettings
from nlu.training.fitting.training_step import TrainingStep

DATA = Path("../shared/data")
TUNED_TEXTS, TUNED_BATCH, TUNED_EPOCHS, TUNED_LAYERS, TUNING_SEEDS = 500, 16, 6, 4, (1, 2, 3)
CPU = torch.device("cpu")
STRENGTHS = (0.003, 0.03, 0.3)


@dataclass(frozen=True, slots=True)
class Probe:
    """A task of one label a text."""

    name: str
    train: Sequence[tuple[str, str]]
    test: Sequence[tuple[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="folder for the adapted encoder")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--layers", type=int, help="top layers that learn; all and the embeddings without it")
    parser.add_argument("--rate", type=float, default=AdaptSettings().learning_rate)
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args()
    one_thread()
    probes = [_polarity(), _dialogue_acts()]
    settings = AdaptSettings(
        epochs=None,
        steps=arguments.steps,
        layers=arguments.layers,
        learning_rate=arguments.rate,
        seed=arguments.seed,
    )
    started = time.process_time()
    report = adapt(BUNDLED, _texts(probes[0]), arguments.output, settings, _show)
    print(f"CPU {time.process_time() - started:.0f} s, {report['texts']} texts, {report['steps']} steps")
    for when in ("before", "after"):
        print(f"hidden words {when}: {json.dumps(report[when])}")
    for name in (BUNDLED, str(arguments.output)):
        model, tokenizer = load_encoder(name)
        for probe in probes:
            vectors = text_vectors(model, tokenizer, [text for text, _ in [*probe.train, *probe.test]])
            print(f"{name}  {probe.name}  frozen: macro-F1, accuracy {_judge(probe, vectors)}", flush=True)
        for probe in probes:
            tuned = [_tuned(name, probe, seed) for seed in TUNING_SEEDS]
            print(f"{name}  {probe.name}  tuned on {TUNED_TEXTS}: macro-F1 {np.round(tuned, 3)}", flush=True)


def _judge(probe: Probe, vectors: np.ndarray) -> str:
    learned, unseen = vectors[: len(probe.train)], vectors[len(probe.train) :]
    machine = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=300)),
        {"logisticregression__C": STRENGTHS},
        scoring="f1_macro",
        cv=3,
    ).fit(learned, [label for _, label in probe.train])
    guess = machine.predict(unseen)
    gold = [label for _, label in probe.test]
    return f"{f1_score(gold, guess, average='macro'):.3f} {np.mean(guess == np.array(gold)):.3f}"


def _tuned(name: str, probe: Probe, seed: int) -> float:
    """Macro-F1 of a linear layer over the mean token vector after TUNED_TEXTS and the top layers learned."""
    torch.manual_seed(seed)
    encoder, tokenizer = load_encoder(name)
    drawn = np.random.default_rng(seed).permutation(len(probe.train))[:TUNED_TEXTS]
    train = [probe.train[number] for number in drawn]
    labels = sorted({label for _, label in probe.train})
    split = int(encoder.config.num_hidden_layers) - TUNED_LAYERS
    head = torch.nn.Linear(int(encoder.config.hidden_size), len(labels))
    encoder.requires_grad_(False)
    top = top_parameters(encoder, split)
    for weight in top:
        weight.requires_grad_(True)
    optimizer = torch.optim.AdamW([{"params": top, "lr": 5e-5}, {"params": head.parameters(), "lr": 1e-3}])

    def lower_of(texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        batch = tokenizer(list(texts), padding=True, truncation=True, max_length=128, return_tensors="pt")
        ids, mask = batch["input_ids"], batch["attention_mask"]
        with torch.no_grad(), mixed_precision("auto", CPU):
            return ids, mask, run_lower(encoder, split, ids, mask)

    def logits(ids: torch.Tensor, mask: torch.Tensor, lower: torch.Tensor) -> torch.Tensor:
        with mixed_precision("auto", CPU):
            hidden = run_upper(encoder, split, ids, mask, lower).float()
        seen = mask.unsqueeze(-1)
        return head(torch.nn.functional.layer_norm((hidden * seen).sum(1) / seen.sum(1), hidden.shape[-1:]))

    batches = [train[at : at + TUNED_BATCH] for at in range(0, len(train), TUNED_BATCH)]
    gold = [torch.tensor([labels.index(label) for _, label in batch]) for batch in batches]
    lowers = [lower_of([text for text, _ in batch]) for batch in batches]
    for epoch in range(TUNED_EPOCHS):
        for number in np.random.default_rng([seed, epoch]).permutation(len(batches)):
            loss = torch.nn.functional.cross_entropy(logits(*lowers[number]), gold[number])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.inference_mode():
        texts = [text for text, _ in probe.test]
        parts = [logits(*lower_of(texts[at : at + 32])) for at in range(0, len(texts), 32)]
    guess = torch.cat(parts).argmax(1).tolist()
    return float(f1_score([label for _, label in probe.test], [labels[g] for g in guess], average="macro"))


def _polarity() -> Probe:
    with (DATA / "jrte" / "pn.tsv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    parts = {part: [(row[2], row[1]) for row in rows if row[4] == part] for part in ("train", "test")}
    return Probe("polarity of a review", parts["train"], parts["test"])


def _dialogue_acts() -> Probe:
    """What a customer does in an utterance; the last fifth of the dialogues are the test."""
    train, test = _dialogues()
    acts = [
        [(row["utterance"], row["speech_act"]) for row in part if row["speech_act"]] for part in (train, test)
    ]
    return Probe("act of an utterance", *acts)


def _dialogues() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    files = sorted((DATA / "asdc" / "data" / "main" / "dialog_act").glob("*.tsv"))
    parts: tuple[list[dict[str, str]], list[dict[str, str]]] = ([], [])
    for number, file in enumerate(files):
        with file.open(encoding="utf-8") as stream:
            parts[number >= 0.8 * len(files)].extend(
                csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            )
    return parts


def _texts(polarity: Probe) -> list[str]:
    """Unlabelled: reviews and both sides of the dialogues of the training parts, and more reviews."""
    reviews = sorted((DATA / "quasi_reviews" / "data" / "text").rglob("*.txt"))
    lines = [line.strip() for file in reviews for line in file.read_text("utf-8").split("\n")]
    utterances = [row["utterance"] for row in _dialogues()[0]]
    return [*(text for text, _ in polarity.train), *utterances, *(line for line in lines if line)]


def _show(step: TrainingStep) -> None:
    if step.headline is not None or step.step % 50 == 0:
        print(f"{step.step}/{step.steps} {step.phase} {step.loss:.3f} {step.headline or ''}", flush=True)


if __name__ == "__main__":
    main()
