"""The stages of a run alone, one after the other in one process: what a run is measured against.

python -m benchmarks.scale_stages INBOX APPLICATION…
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from pathlib import Path

from ocr.supervised import SupervisedReader
from pipeline.machines.runners import RunnerChoice
from pipeline.places import text_blocks
from pipeline.routing import applications_for, kind_of
from pipeline.settle import RunRequest, settle

_BATCH = 16


def read_and_understand(inbox: Path, applications: tuple[Path, ...]) -> None:
    """Reads every file, splits its text into sentences, and has its models understand them."""
    from nlu.encoders.loading import one_thread
    from nlu.model.tailored import TailoredModel
    from nlu.text.sentences import SentenceSplitter
    from ocr.limits import Limits

    one_thread()
    limits = Limits()
    request = RunRequest(str(inbox), "", applications, (), "ppocr", limits, RunnerChoice(), pictures=False)
    settings = settle(request)
    splitter, waiting = SentenceSplitter(), defaultdict(list)
    with SupervisedReader(settings.engine, limits) as reader:
        for path in sorted(path for path in inbox.rglob("*") if path.is_file()):
            document = reader.read(path.read_bytes())
            sentences = splitter.split(document.text, text_blocks(document))
            for application in applications_for(kind_of(document, settings.routes), settings.routes):
                waiting[application].append((path.name, sentences))
    for application, passages in waiting.items():
        model = TailoredModel.load(Path(settings.models[application]))
        passages.sort(key=lambda passage: sum(len(sentence.text) for sentence in passage[1]))
        for start in range(0, len(passages), _BATCH):
            batch = [model.prepare(name, sentences) for name, sentences in passages[start : start + _BATCH]]
            model.understand(batch)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    read_and_understand(Path(sys.argv[1]), tuple(map(Path, sys.argv[2:])))
