"""What a person should know of the records before a model is trained on them, and dev records where none
were given."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from nlu.application.application import Application
from nlu.application.settings import ClassificationTask
from nlu.records.record import Record

FEW_RECORDS = 8
DEV_SHARE = 0.2


def data_warnings(
    application: Application, train: Sequence[Record], dev: Sequence[Record]
) -> tuple[str, ...]:
    """Japanese sentences on what training can live with but a person may not have meant."""
    warnings = [*_double_texts(train, dev)]
    for name, sheet in application.sheets.items():
        if sheet.ignored:
            warnings.append(
                f"「{name}」のラベルシートの列「{'」「'.join(sheet.ignored)}」は読みません。"
                "判断には定義とキーワードだけを使います。"
            )
    for task in application.classifications:
        warnings += _class_warnings(task, application, train, dev)
    for score in application.scores:
        if train and not any(score.name in record.scores for record in train):
            warnings.append(f"スコア「{score.name}」の付いた学習レコードがありません。学習されません。")
    for span in application.spans:
        if train and not any(span.name in record.spans for record in train):
            warnings.append(f"範囲「{span.name}」の付いた学習レコードがありません。学習されません。")
    return tuple(warnings)


def hold_out(
    records: Sequence[Record], application: Application, seed: int
) -> tuple[list[Record], list[Record]]:
    """Records for training and a fifth of them for dev, each label in both in about the same share; the same
    under the same seed. A label with a single record stays in training."""
    counts = Counter(pair for record in records for pair in _pairs(record, application))
    strata: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, record in enumerate(records):
        rarest = min(_pairs(record, application), key=lambda pair: (counts[pair], pair), default=("", ""))
        strata[rarest].append(row)
    held: set[int] = set()
    for stratum, rows in sorted(strata.items()):
        shuffled = random.Random(f"{seed} {stratum}").sample(rows, len(rows))
        held.update(shuffled[: round(DEV_SHARE * len(rows)) or int(len(rows) > 1)])
    train = [record for row, record in enumerate(records) if row not in held]
    return train, [record for row, record in enumerate(records) if row in held]


def _pairs(record: Record, application: Application) -> list[tuple[str, str]]:
    others = {task.name: () if task.other is None else (task.other,) for task in application.classifications}
    return [(task, label) for task, labels in record.labels.items() for label in labels or others[task]]


def _class_warnings(
    task: ClassificationTask, application: Application, train: Sequence[Record], dev: Sequence[Record]
) -> Iterator[str]:
    if not train:
        return
    in_train, in_dev = _counts(task, train), _counts(task, dev)
    judged = any(task.name in record.sentences for record in train)
    if not in_train and not judged:
        yield f"分類「{task.name}」の付いた学習レコードがありません。ラベルシートだけで判断します。"
        return
    for name in application.sheets[task.name].names:
        where = f"「{name}」（{task.name}）"
        if not in_train[name]:
            if not judged and name != task.other:
                yield f"{where}の学習レコードがありません。ラベルシートの定義とキーワードだけで判断します。"
        elif in_train[name] < FEW_RECORDS:
            yield f"{where}の学習レコードは {in_train[name]} 件だけです。増やすと精度が上がります。"
        if in_train[name] and dev and not in_dev[name]:
            yield f"{where}は検証レコードに 1 件もないため、閾値は既定の値になります。"


def _counts(task: ClassificationTask, records: Sequence[Record]) -> Counter[str]:
    others = (task.other,) if task.other is not None else ()
    return Counter(
        label
        for record in records
        if task.name in record.labels
        for label in record.labels[task.name] or others
    )


def _double_texts(train: Sequence[Record], dev: Sequence[Record]) -> Iterator[str]:
    seen: dict[str, Record] = {}
    against: list[tuple[str, str]] = []
    for record in train:
        first = seen.setdefault(record.text, record)
        if first is not record and first.labels != record.labels:
            against.append((first.id, record.id))
    if against:
        first_id, second_id = against[0]
        yield (
            f"同じ本文に違うラベルが付いた学習レコードが {len(against)} 組あります"
            f"（例: id「{first_id}」と「{second_id}」）。どちらかに合わせてください。"
        )
    both = [record.id for record in dev if record.text in seen]
    if both:
        yield (
            f"検証レコードのうち {len(both)} 件は学習レコードと同じ本文です（例: id「{both[0]}」）。"
            "検証の数字が良く出すぎます。検証から外してください。"
        )
