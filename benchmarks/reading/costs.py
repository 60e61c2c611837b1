"""What reading costs: two pages that every reader is timed on, and two workers side by side."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

import psutil

from benchmarks.reading.readers import Reader
from benchmarks.reading.scan_samples import Sample
from ocr.processes.supervised_reader import SupervisedReader

# A letter, and the second page of a contract, both 200 dpi and of ordinary quality.
LETTER, CONTRACT = "総務/礼状（社長就任祝い）.jpg", "総務/業務委託契約書_控.tif"
REPEATS = 3
WORKERS = 2
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Throughput:
    """`pages` read in `wall` seconds by WORKERS processes that used `cpu` seconds in all; `peak_mib` is the
    most that one of them held."""

    pages: int
    wall: float
    cpu: float
    peak_mib: float


def reference_pages(found: Sequence[Sample]) -> Iterator[tuple[str, Sample]]:
    by_name = {sample.name: sample for sample in found}
    if LETTER in by_name:
        yield "letter, 13 lines", by_name[LETTER]
    if CONTRACT in by_name:
        contract = by_name[CONTRACT]
        yield "contract, 33 lines", replace(contract, pages=contract.pages[1:2])


def fastest(reader: Reader, sample: Sample) -> float:
    """CPU seconds for the sample's pages, the least of REPEATS."""
    return min(sum(reader(sample).seconds.values()) for _ in range(REPEATS))


def throughput(scans: Sequence[Sample]) -> Throughput:
    """WORKERS supervised readers share the scans; the time that they take to start does not count."""
    queue: SimpleQueue[Sample] = SimpleQueue()
    for sample in scans:
        queue.put(sample)
    with ExitStack() as stack:
        readers = [stack.enter_context(SupervisedReader("ppocr")) for _ in range(WORKERS)]
        pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
        list(pool.map(lambda reader: reader.read(scans[0].data), readers))
        started, before = time.monotonic(), _processes()
        work = [pool.submit(_read_all, reader, queue) for reader in readers]
        latest, peak = dict(before), 0.0
        while wait(work, POLL_SECONDS).not_done:
            for identity, usage in _processes().items():
                latest[identity] = usage
                peak = max(peak, usage[1])
        wall = time.monotonic() - started
        pages = sum(done.result() for done in work)
    cpu = sum(seconds - before.get(identity, (0.0, 0.0))[0] for identity, (seconds, _) in latest.items())
    return Throughput(pages, wall, cpu, peak)


def _read_all(reader: SupervisedReader, queue: SimpleQueue[Sample]) -> int:
    pages = 0
    while True:
        try:
            sample = queue.get_nowait()
        except Empty:
            return pages
        pages += len(reader.read(sample.data).pages)


def _processes() -> dict[int, tuple[float, float]]:
    """CPU seconds and resident MiB of each child process."""
    found: dict[int, tuple[float, float]] = {}
    for child in psutil.Process().children(recursive=True):
        try:
            times, resident = child.cpu_times(), child.memory_info().rss
        except psutil.Error:
            continue
        found[child.pid] = (times.user + times.system, resident / 2**20)
    return found
