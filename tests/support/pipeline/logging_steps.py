"""A pipeline whose steps log and fail on documents' words, run by a process of its own."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from ocr.traces import said
from pipeline.reporting.logs import LogFormat, LogText, RunEvent, configure, hush_processes, run_log

_WORDS = "秘密の本文"


class Stumble(beam.DoFn):
    """A page number -> itself, after a caught exception was logged; page 13 is one too many."""

    def process(self, page: int) -> Iterator[int]:
        log = logging.getLogger("ocr.reading.reader")
        log.warning("page %d of 日報 四月.pdf", page)
        try:
            _choke()
        except ValueError:
            log.exception("page %d could not be read", page)
        if page == 13:
            _choke()
        yield page


def _choke() -> None:
    raise ValueError(_WORDS)


def main(workers: str, form: str, text: str, page: str) -> None:
    if text == LogText.NEVER:
        hush_processes()
    configure(LogFormat(form), text=LogText(text))
    run_log("試験").tell(RunEvent.WAVE, "第 1 回分", pages=1)
    mode = "in_memory" if workers == "1" else "multi_processing"
    options = PipelineOptions([f"--direct_num_workers={workers}", f"--direct_running_mode={mode}"])
    try:
        with beam.Pipeline(runner=FnApiRunner(), options=options) as pipeline:
            _ = pipeline | beam.Create([int(page)]) | "読む" >> beam.ParDo(Stumble())
    except Exception as error:
        print(said(error), flush=True)
        os._exit(0)  # Beam may wait for the workers of a pipeline that failed
