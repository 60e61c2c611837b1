"""Reading in a process of its own, so that a page that hangs or crashes native code costs only itself.

The child builds its engine once, keeps the document of the last page open, and reads one page a task. It
is replaced after `Limits.pages_per_process` pages or when it has grown, because native memory only grows.
"""

from __future__ import annotations

import io
import logging
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Self, TypeVar

from ocr.document import Box, Document, Page
from ocr.engines.engine import Engine
from ocr.engines.registry import create
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.processes.child import Child, ChildDiedError, ChildTimeoutError, ChildTooLargeError
from ocr.reading.whole import whole
from ocr.sources.inspection import SourceInfo
from ocr.sources.pages import Pages, open_pages, render_upright
from ocr.traces import without_words

if TYPE_CHECKING:
    from ocr.export.overlay import Mark

PICTURE_QUALITY = 85

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
_ENDS_OF_A_CHILD = (ChildTimeoutError, ChildTooLargeError, ChildDiedError)
# What becomes a failure of the page, because the child that died of it says nothing about the others.
_OF_THE_PAGE = (FailureCategory.TIMEOUT, FailureCategory.CRASHED, FailureCategory.OUT_OF_MEMORY)


class SupervisedReader:
    """Reads documents in one child process, which is started when first needed.

    `engine` is a name that `ocr.engines.create` knows; each of `passwords` is tried on encrypted PDFs.
    Calls of several threads wait for each other. Use it as a context manager or with `close`.
    """

    def __init__(self, engine: str, limits: Limits | None = None, *, passwords: Sequence[str] = ()) -> None:
        self._engine = engine
        self._limits = limits or Limits()
        self._passwords = tuple(passwords)
        self._child: Child | None = None
        self._begun = 0  # pages that the child has begun
        self._sent: bytes | None = None
        self._turn = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child and all it started; the next call starts another."""
        with self._turn:
            if self._child is not None:
                self._child.kill()
            self._child = None
            self._sent = None
            self._begun = 0

    def inspect(self, data: bytes) -> SourceInfo:
        """As `ocr.sources.inspection.inspect` does.

        Raises ReadingError as it does, or TIMEOUT, CRASHED or OUT_OF_MEMORY.
        """
        return self._in_child(data, _inspect)

    def read(self, data: bytes, first: int = 1, last: int | None = None) -> Document:
        """Pages `first` to `last` (from 1, both included, the end where None) of `data`.

        A page that cannot be read, does not end in time, grows too large or kills the child is one of the
        document's failures, and so is each page that `Limits.document_seconds` leaves no time for. Raises
        ReadingError for a file that cannot be opened, or ENGINE_MISSING.
        """
        deadline = time.monotonic() + self._limits.document_seconds
        end = self.inspect(data).pages if last is None else last
        return whole([self._page(data, number, deadline) for number in range(first, end + 1)])

    def picture(
        self, data: bytes, page: Page, marks: Sequence[Mark] = (), hidden: Sequence[Box] = ()
    ) -> bytes:
        """`page` of `data` with what was found drawn over it, `marks` highlighted, `hidden` covered: JPEG.

        Raises ReadingError.
        """
        return self._in_child(data, _picture, page, tuple(marks), tuple(hidden))

    def layer_picture(self, data: bytes, page: Page) -> bytes:
        """`page` of `data` with what its text layer says drawn over it, and why that was believed: PNG.

        Of a page without a layer it says so. Raises ReadingError.
        """
        return self._in_child(data, _layer_picture, page)

    def searchable_pdf(self, data: bytes, document: Document) -> bytes:
        """`data` as a PDF that can be searched; `document` is what was read of it. Raises ReadingError."""
        from ocr.export.searchable_pdf import needs_picture

        drawn = [page for page in document.pages if needs_picture(data, page)]
        pictures = {page.number: self._in_child(data, _picture_page, page) for page in drawn}
        return self._in_child(data, _searchable_pdf, document, pictures)

    @property
    def resident_bytes(self) -> int:
        """The memory that the child holds; 0 where there is none."""
        return 0 if self._child is None else self._child.resident_bytes

    def _page(self, data: bytes, number: int, deadline: float) -> Document:
        from ocr.reading.reader import failed

        left = deadline - time.monotonic()
        if left <= 0:
            return failed(number, _document_timeout(self._limits))
        try:
            return self._in_child(data, _read_page, self._engine, number, seconds=left)
        except ReadingError as error:
            if error.category not in _OF_THE_PAGE:
                raise
            if error.category is FailureCategory.TIMEOUT and time.monotonic() >= deadline:
                error = _document_timeout(self._limits)
            return failed(number, error)

    def _in_child(
        self, data: bytes, function: Callable[..., _Result], *arguments: object, seconds: float | None = None
    ) -> _Result:
        """What `function` says of `data` in the child, within the time of a page and within `seconds`.

        A child that died is asked once more: it may have been killed for memory that another process took.
        """
        with self._turn:
            try:
                return self._alone_in_child(data, function, arguments, seconds)
            except ReadingError as error:
                if error.category is not FailureCategory.CRASHED:
                    raise
            return self._alone_in_child(data, function, arguments, seconds)

    def _alone_in_child(
        self,
        data: bytes,
        function: Callable[..., _Result],
        arguments: tuple[object, ...],
        seconds: float | None,
    ) -> _Result:
        limits = self._limits
        child = self._running_child()
        # The engine is loaded for the first page.
        allowed = limits.page_seconds + (limits.start_seconds if self._begun == 0 else 0.0)
        allowed = allowed if seconds is None else min(allowed, seconds)
        self._begun += function is _read_page
        # The child keeps the document that it was sent last.
        sent = None if data is self._sent else data
        self._sent = data
        try:
            result: _Result = child.run(
                _with_document,
                (sent, limits, self._passwords, function, arguments),
                seconds=allowed,
            )
            return result
        except _ENDS_OF_A_CHILD as error:
            self.close()
            raise _told(error, limits) from error
        except KeyboardInterrupt:
            self.close()
            raise
        finally:
            if self._begun >= limits.pages_per_process or self.resident_bytes > limits.kept_process_bytes:
                self.close()

    def _running_child(self) -> Child:
        if self._child is None:
            self._child = Child(self._limits.max_process_bytes)
        return self._child


def _told(error: Exception, limits: Limits) -> ReadingError:
    """What the end of a child means to a reader."""
    match error:
        case ChildTimeoutError():
            return ReadingError(
                FailureCategory.TIMEOUT,
                f"{limits.page_seconds:g}秒以内に読み終わらなかったため中止しました。"
                "時間をおいてやり直し、続く場合はページをスキャンし直してください。",
            )
        case ChildTooLargeError():
            return ReadingError(
                FailureCategory.OUT_OF_MEMORY,
                "読み取りに使うメモリが上限"
                f"（{limits.max_process_bytes // 1024 // 1024:,}MB）を超えたため中止しました。"
                "ページの画像を小さくするか、元の文書からPDFを作り直してください。",
            )
        case _:
            _log.warning("the reading process died: %s", error)
            return ReadingError(
                FailureCategory.CRASHED,
                "読み取りプロセスが異常終了しました（メモリ不足か、壊れたデータが原因のことがあります）。"
                "やり直しても続く場合は、ページをスキャンし直してください。",
            )


def _document_timeout(limits: Limits) -> ReadingError:
    return ReadingError(
        FailureCategory.TIMEOUT,
        f"文書全体が{limits.document_seconds:g}秒以内に読み終わらなかったため、残りのページを中止しました。"
        "時間をおいてやり直すか、文書を分割してください。",
    )


# What follows runs in the child.


class _LastDocument:
    """Keeps the document of the last task open: its next page is usually the next task."""

    def __init__(self) -> None:
        self.data = b""
        self._stack = ExitStack()
        self._pages: Pages | None = None

    def replace(self, data: bytes) -> None:
        self._stack.close()
        self._pages = None
        self.data = data

    def pages(self, limits: Limits, passwords: Sequence[str]) -> Pages:
        """Raises ReadingError, each time anew for a document that does not open."""
        if self._pages is None:
            try:
                self._pages = self._stack.enter_context(open_pages(self.data, limits, passwords=passwords))
            except (ReadingError, MemoryError):
                raise
            except Exception as error:
                _log.error("a document could not be opened\n%s", without_words(traceback.format_exc()))
                raise ReadingError(
                    FailureCategory.CORRUPT,
                    f"ファイルを開く途中で予期しないエラーが起きました（{type(error).__name__}）。"
                    "元のファイルを置き直すか、元の文書から作り直してください。",
                ) from error
        return self._pages


_last_document = _LastDocument()


@cache
def _engine(name: str, limits: Limits) -> Engine:
    return create(name, limits)


def _with_document(
    data: bytes | None,
    limits: Limits,
    passwords: Sequence[str],
    function: Callable[..., _Result],
    arguments: Sequence[object],
) -> _Result:
    """`function` on the document `data`, or on that of the last call where None."""
    if data is not None:
        _last_document.replace(data)
    try:
        return function(limits, passwords, *arguments)
    except MemoryError as error:
        raise ReadingError(
            FailureCategory.OUT_OF_MEMORY,
            "読み取りの途中でメモリが足りなくなりました。同時に動かす数（--workers）を減らしてやり直してください。",
        ) from error


def _inspect(limits: Limits, passwords: Sequence[str]) -> SourceInfo:
    return _last_document.pages(limits, passwords).info


def _read_page(limits: Limits, passwords: Sequence[str], engine: str, number: int) -> Document:
    from ocr.reading.reader import read_page

    reader = _engine(engine, limits)
    return read_page(_last_document.pages(limits, passwords), number, reader)


def _picture(
    limits: Limits, passwords: Sequence[str], page: Page, marks: tuple[Mark, ...], hidden: tuple[Box, ...]
) -> bytes:
    from ocr.export.overlay import draw

    buffer = io.BytesIO()
    image = draw(page, render_upright(_last_document.data, page, limits, passwords=passwords), marks, hidden)
    image.convert("RGB").save(buffer, format="JPEG", quality=PICTURE_QUALITY)
    return buffer.getvalue()


def _layer_picture(limits: Limits, passwords: Sequence[str], page: Page) -> bytes:
    from PIL import Image

    from ocr.export.layer_overlay import draw_layer
    from ocr.export.layer_report import report_on

    pages = _last_document.pages(limits, passwords)
    report = report_on(pages, page.number)
    drawn = pages.raster(page.number, report.layer if report is not None else None)
    buffer = io.BytesIO()
    draw_layer(report, page, Image.fromarray(drawn.pixels[:, :, ::-1])).save(buffer, format="PNG")
    return buffer.getvalue()


def _picture_page(limits: Limits, passwords: Sequence[str], page: Page) -> bytes:
    from ocr.export.searchable_pdf import picture_page

    return picture_page(_last_document.pages(limits, passwords), page)


def _searchable_pdf(
    limits: Limits, passwords: Sequence[str], document: Document, pictures: Mapping[int, bytes]
) -> bytes:
    from ocr.export.searchable_pdf import searchable_pdf

    return searchable_pdf(_last_document.data, document, pictures, passwords=passwords)
