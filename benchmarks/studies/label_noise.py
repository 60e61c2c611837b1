"""How many wrong labels `nlu.annotation.suspicions` finds that are planted among the training records.

Two sorts: any label for any other, and "other" for what was reported, the usual slip of a hurried annotator.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nlu.annotation.suspicions import suspicious_records
from nlu.application.application import Application
from nlu.application.settings import ClassificationTask
from nlu.records.record import Record
from nlu.records.record_files import read_records
from nlu.training.sampling import reported

APPLICATIONS = Path(__file__).parents[2] / "fixtures" / "apps"
SHARES = (0.05, 0.10)
SEED = 1


def planted(
    records: Sequence[Record], task: ClassificationTask, names: Sequence[str], wrong: set[str]
) -> list[Record]:
    """The records with another of `names` on those whose id is in `wrong`."""
    rng = random.Random(SEED)

    def spoiled(record: Record) -> Record:
        others = [name for name in names if name not in record.labels[task.name]]
        return replace(record, labels={task.name: (rng.choice(others),)})

    return [spoiled(record) if record.id in wrong else record for record in records]


def main() -> None:
    print("application   planted           wrong  named  right in first half  right in first k  found  CPU s")
    for name in ("call-log", "daily-report"):
        application = Application.load(APPLICATIONS / name)
        records = read_records(APPLICATIONS / name / "train.jsonl")
        (task, *_) = application.classifications
        reporting = [record for record in records if reported(record, application)]
        for share in SHARES:
            for sort, among, names in (
                ("any for any", records, application.sheets[task.name].names),
                ("other for report", reporting, (task.other or "",)),
            ):
                drawn = random.Random(SEED).sample(among, round(share * len(among)))
                wrong = {record.id for record in drawn}
                started = time.process_time()
                found = suspicious_records(planted(records, task, names, wrong), application)
                seconds = time.process_time() - started
                order = list(dict.fromkeys(suspicion.id for suspicion in found))
                half, all_of_them = len(wrong) // 2, len(wrong)
                print(
                    f"{name:13} {sort:17} {len(wrong):5}  {len(order):5}"
                    f"  {len(wrong.intersection(order[:half])) / half:19.2f}"
                    f"  {len(wrong.intersection(order[:all_of_them])) / all_of_them:16.2f}"
                    f"  {len(wrong.intersection(order)) / len(wrong):5.2f}  {seconds:5.1f}"
                )


if __name__ == "__main__":
    main()
