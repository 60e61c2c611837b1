"""Those who read: Yomitori with each of its engines, and its peers as they come."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from benchmarks.reading.scan_samples import Sample
from fixtures.comparing.measures import page_texts
from ocr.document import Document
from ocr.engines.engine import Engine
from ocr.engines.registry import create
from ocr.errors import ReadingError
from ocr.joining import join
from ocr.limits import Limits
from ocr.raster import Pixels
from ocr.reading.reader import read_page
from ocr.sources.pages import open_pages

YOMITORI, YOMITORI_TESSERACT = "Yomitori ppocr", "Yomitori tesseract"
RAPIDOCR, PYTESSERACT = "rapidocr", "pytesseract"


@dataclass(frozen=True, slots=True)
class ReaderOutput:
    """What a reader made of a sample: the text and the CPU seconds of each page, by its number, and, from
    Yomitori, the document."""

    sample: Sample
    texts: dict[int, str]
    seconds: dict[int, float]
    document: Document | None = None


Reader = Callable[[Sample], ReaderOutput]


def readers(wanted: Collection[str] | None = None) -> Iterator[tuple[str, Reader | str]]:
    """Each reader (of `wanted`) by its name, loaded; in place of one that is not installed the reason."""
    for name, make in _READERS.items():
        if wanted is None or name in wanted:
            try:
                yield name, make()
            except (ReadingError, ImportError) as error:
                yield name, str(error)


def cpu_seconds() -> float:
    """What this process and its ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def _yomitori(engine: Engine) -> Reader:
    def read(sample: Sample) -> ReaderOutput:
        parts: list[Document] = []
        seconds: dict[int, float] = {}
        with open_pages(sample.data, Limits()) as pages:
            for page in sample.pages:
                started = cpu_seconds()
                parts.append(read_page(pages, page.number, engine))
                seconds[page.number] = cpu_seconds() - started
        document = join(parts)
        return ReaderOutput(sample, page_texts(document), seconds, document)

    return read


def _peer(recognize: Callable[[Pixels], str]) -> Reader:
    """A peer is given each page as it was scanned, neither turned nor levelled, its decoding for free."""

    def read(sample: Sample) -> ReaderOutput:
        texts: dict[int, str] = {}
        seconds: dict[int, float] = {}
        with open_pages(sample.data, Limits()) as pages:
            for page in sample.pages:
                pixels = pages.raster(page.number, pages.layer(page.number)).pixels
                started = cpu_seconds()
                texts[page.number] = recognize(pixels)
                seconds[page.number] = cpu_seconds() - started
        return ReaderOutput(sample, texts, seconds)

    return read


def _rapidocr() -> Callable[[Pixels], str]:
    """Its defaults on one thread, its lines in the order it returns them."""
    import logging

    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    engine = RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "error",
        }
    )
    return lambda pixels: "\n".join(engine(pixels).txts or ())


def _pytesseract() -> Callable[[Pixels], str]:
    import pytesseract

    def recognize(pixels: Pixels) -> str:
        text: str = pytesseract.image_to_string(pixels[:, :, ::-1], lang="jpn")
        return text

    return recognize


_READERS: dict[str, Callable[[], Reader]] = {
    YOMITORI: lambda: _yomitori(create("ppocr")),
    YOMITORI_TESSERACT: lambda: _yomitori(create("tesseract")),
    RAPIDOCR: lambda: _peer(_rapidocr()),
    PYTESSERACT: lambda: _peer(_pytesseract()),
}
