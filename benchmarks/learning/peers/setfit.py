"""SetFit (Tunstall et al. 2022) as its own package does it, on the same encoder with mean pooling.

Needs the packages of `benchmarks/learning/peers.txt`. Twenty pairs a record and kind as in the paper's
few-shot runs, as far as they fit into the steps that a processor without a GPU can be asked for; bfloat16 as
the plain peer learns in.
"""

from __future__ import annotations

import tempfile

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Pooling, Transformer
from setfit import SetFitModel, Trainer, TrainingArguments
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from benchmarks.learning.problem import Prediction, Problem, Values
from nlu.application.settings import ClassificationTask
from nlu.encoders.bundled import bundled_folder

MAX_TOKENS = 128
MOST_STEPS = 250
_ITERATIONS = 20
_BATCH = 16


def solve(problem: Problem) -> Prediction:
    """Contrastive pairs, then a logistic regression on the vectors. Raises ValueError for a score."""
    if not isinstance(problem.task, ClassificationTask):
        raise ValueError("SetFit gives no score")
    words = Transformer(str(bundled_folder()), max_seq_length=MAX_TOKENS)
    body = SentenceTransformer(
        modules=[words, Pooling(words.get_embedding_dimension(), "mean")], device="cpu"
    )
    head = LogisticRegression(class_weight="balanced", max_iter=1000)
    model = SetFitModel(
        model_body=body,
        model_head=head if problem.exclusive else OneVsRestClassifier(head),
        multi_target_strategy=None if problem.exclusive else "one-vs-rest",
        labels=list(problem.columns),
    )
    targets = problem.targets(problem.train)
    labels = targets.argmax(axis=1).tolist() if problem.exclusive else targets.astype(int).tolist()
    train = Dataset.from_dict({"text": [record.text for record in problem.train], "label": labels})
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            batch_size=_BATCH,
            num_iterations=_ITERATIONS,
            num_epochs=1,
            max_steps=min(MOST_STEPS, -(-2 * _ITERATIONS * len(problem.train) // _BATCH)),
            seed=problem.seed,
            report_to="none",
            eval_strategy="no",
            save_strategy="no",
            show_progress_bar=False,
        )
        with torch.autocast("cpu", dtype=torch.bfloat16):
            Trainer(model=model, args=arguments, train_dataset=train).train()
    return Prediction(*(_probabilities(model, problem, part) for part in (problem.dev, problem.test)))  # type: ignore[arg-type]


def _probabilities(model: SetFitModel, problem: Problem, records) -> Values:
    found = np.zeros((len(records), len(problem.columns)))
    values = model.predict_proba([record.text for record in records], as_numpy=True)
    if problem.exclusive:
        found[:, model.model_head.classes_] = values
        return found
    return np.asarray(values, dtype=np.float64)
