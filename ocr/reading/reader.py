"""Reading a document: each page from its text layer, its pixels, or both; a bad page costs only itself."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace

from ocr.document import Document, PageFailure, SourceReason, TextSource
from ocr.engines.engine import Engine
from ocr.errors import FailureCategory, ReadingError
from ocr.layers.trust import Trust
from ocr.layout.page import PageText
from ocr.limits import Limits
from ocr.reading.drawn_writing import (
    as_both,
    holds_what_is_typed,
    with_drawn_writing,
    with_unexplained_ink,
)
from ocr.reading.scanned_page import from_pixels
from ocr.reading.typed_page import from_both, from_layer, with_codes, with_drawn_rings
from ocr.reading.unmapped_fonts import judge_maps, with_told_characters
from ocr.reading.whole import whole
from ocr.sources.pages import Pages, open_pages
from ocr.traces import without_words

_log = logging.getLogger(__name__)


def read(
    data: bytes,
    *,
    first: int = 1,
    last: int | None = None,
    engine: Engine,
    limits: Limits,
    passwords: Sequence[str] = (),
) -> Document:
    """Pages `first` to `last` (from 1, both included, the end where None) of `data`, in this process.

    A page that cannot be read is one of `failures` and the others stay. Raises ReadingError for a file
    that cannot be opened or is over `limits`. Nothing here bounds the time a page takes; `SupervisedReader`
    does.
    """
    with open_pages(data, limits, passwords=passwords) as pages:
        end = min(last or pages.info.pages, pages.info.pages)
        return whole([read_page(pages, number, engine) for number in range(first, end + 1)])


def read_page(pages: Pages, number: int, engine: Engine) -> Document:
    """One page as a document of its own: its text, or the one failure that says why there is none."""
    started = time.perf_counter()
    try:
        found = _page(pages, number, engine)
    except ReadingError as error:
        return failed(number, error)
    except MemoryError:
        return failed(
            number,
            ReadingError(
                FailureCategory.OUT_OF_MEMORY,
                "ページを読む途中でメモリが足りなくなりました。同時に動かす数（--workers）を減らしてやり直してください。",
            ),
        )
    except Exception as error:
        # Decoders and networks raise what they like on bytes they were not made for; the night goes on.
        _log.error("page %d could not be read\n%s", number, without_words(traceback.format_exc()))
        return failed(
            number,
            ReadingError(
                FailureCategory.ENGINE_FAILED,
                f"ページの処理中に予期しないエラーが起きました（{type(error).__name__}）。"
                "やり直しても続く場合は、ページをスキャンし直すか、別のエンジンを試してください。",
            ),
        )
    page = replace(found.page, seconds=time.perf_counter() - started)
    return Document(text=found.text, pages=(page,))


def failed(number: int, error: ReadingError) -> Document:
    """A document that holds nothing but the reason why page `number` is missing."""
    return Document("", (), (PageFailure(number, error.category.value, error.retryable, error.message),))


def _font_missing() -> ReadingError:
    return ReadingError(
        FailureCategory.FONT_MISSING,
        "ページの文字の書体がPDFに埋め込まれておらず、このコンピュータにもないため、白紙に見えます。"
        "日本語の書体（fonts-ipafont-gothic と fonts-ipafont-mincho）を入れてやり直すか、"
        "書体を埋め込んでPDFを作り直してください。",
    )


def _page(pages: Pages, number: int, engine: Engine) -> PageText:
    if pages.written is not None:
        from ocr.reading.written_page import from_written

        page = pages.written.page(number)
        return from_written(page, number, pages.written.reason, engine, pages.limits)
    layer = pages.layer(number)
    if layer is None:
        return from_pixels(pages.raster(number, None), number, engine, SourceReason.NO_LAYER)
    verdict = judge_maps(layer, pages, number)
    verdict = with_drawn_writing(verdict, pages, number)
    verdict = with_told_characters(verdict, pages, number, engine)
    match verdict.trust:
        case Trust.LAYER:
            found = with_drawn_rings(from_layer(verdict.layer, number, engine), pages, verdict.layer)
            found = with_unexplained_ink(found, verdict, pages)
        case Trust.PIXELS:
            found = from_pixels(pages.raster(number, layer), number, engine, verdict.reason)
            drawn = verdict.reason is SourceReason.DRAWN_WRITING
            if drawn and not holds_what_is_typed(found, verdict.layer):
                verdict = as_both(verdict)
                found = with_unexplained_ink(from_both(pages, verdict, number, engine), verdict, pages)
            if layer.lost and found.page.source is TextSource.BLANK:
                raise _font_missing()
        case Trust.BOTH:
            found = with_unexplained_ink(from_both(pages, verdict, number, engine), verdict, pages)
    if verdict.trust is not Trust.PIXELS:  # else its codes are found with the rest of its ink
        found = with_codes(found, pages, verdict.layer)
    reason = SourceReason.BLANK_PAGE if found.page.source is TextSource.BLANK else verdict.reason
    hidden = sum(character.hidden and bool(character.text.strip()) for character in layer.characters)
    return replace(found, page=replace(found.page, reason=reason, hidden_characters=hidden))
