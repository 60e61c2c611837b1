"""Which documents a process had in hands, from what the processes of a run told."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable

from pipeline.progress.events import Event


def held_documents(lines: Iterable[bytes]) -> dict[int, frozenset[str]]:
    """pid -> the doc_ids that this process has taken up and not laid down; all that told anything are there.

    `lines` are those of a progress file, [event, count, pid, doc_ids, stage] each; a last line that a killed
    process did not write to its end is no line. A document that a process holds twice, for two steps or two
    ranges of its pages, is in hands until both are laid down.
    """
    held: dict[int, Counter[str]] = defaultdict(Counter)
    for line in lines:
        if not line.endswith(b"\n"):
            continue
        event, _, pid, doc_ids, _ = json.loads(line)
        holds = held[pid]
        if event == Event.WORK_BEGUN:
            holds.update(doc_ids)
        elif event == Event.WORK_ENDED:
            holds.subtract(doc_ids)
            for doc_id in doc_ids:
                if holds[doc_id] <= 0:
                    del holds[doc_id]
    return {pid: frozenset(holds) for pid, holds in held.items()}
