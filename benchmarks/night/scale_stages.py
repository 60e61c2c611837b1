"""The stages of a run alone, one after the other in one process: what a run is measured against.

python -m benchmarks.night.scale_stages INBOX APPLICATION… [--processes N]

With N processes each takes every Nth file and knows nothing of the others: what the stages cost where they
share the machine's cores and memory with each other.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import defaultdict
from pathlib import Path

from ocr.processes.supervised_reader import SupervisedReader
from pipeline.applications.routing import applications_for, kind_of
from pipeline.machines.runners import RunnerChoice
from pipeline.night.resolve import RunRequest, resolve
from pipeline.steps.places import text_blocks

_BATCH = 16


def read_and_understand(inbox: Path, applications: tuple[Path, ...], first: int = 0, step: int = 1) -> None:
    """Reads every file, or each `step`th from `first` on, splits its text into sentences, and has its models
    understand them."""
    from nlu.encoders.loading import one_thread
    from nlu.model.tailored import TailoredModel
    from nlu.text.boundaries.sentences import SentenceSplitter
    from ocr.limits import Limits

    one_thread()
    limits = Limits()
    request = RunRequest(str(inbox), "", applications, (), "ppocr", limits, RunnerChoice(), pictures=False)
    settings = resolve(request)
    splitter, waiting = SentenceSplitter(), defaultdict(list)
    with SupervisedReader(settings.engine, limits) as reader:
        for path in sorted(path for path in inbox.rglob("*") if path.is_file())[first::step]:
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("inbox", type=Path)
    parser.add_argument("applications", type=Path, nargs="+")
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    given = (arguments.inbox, tuple(arguments.applications))
    if arguments.processes == 1:
        read_and_understand(*given)
        return
    spawn = multiprocessing.get_context("spawn")
    shares = [
        spawn.Process(target=read_and_understand, args=(*given, first, arguments.processes))
        for first in range(arguments.processes)
    ]
    for share in shares:
        share.start()
    for share in shares:
        share.join()
    sys.exit(max(abs(share.exitcode or 0) for share in shares))


if __name__ == "__main__":
    main()
