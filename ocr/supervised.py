"""Reading in a process of its own, so that a page that hangs or crashes native code costs only itself.

Only killing a process bounds native code. The child is spawned, builds its engine once, reads one page a
task and is replaced after `Limits.pages_per_process` tasks, because native memory only grows.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from ocr.document import Box, Document, Page
from ocr.engines import Engine, create
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.pages import Pages, open_pages
from ocr.raster import render_upright
from ocr.source import SourceInfo, inspect
from ocr.whole import whole

PICTURE_QUALITY = 85
# The pool's own clock starts when the child takes a task; this catches a child that never does.
GRACE_SECONDS = 30.0

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class SupervisedReader:
    """Reads documents in one child process, which is started when first needed.

    `engine` is a name that `ocr.engines.create` knows; `password` opens encrypted PDFs. Use it from one
    thread at a time, as a context manager or with `close`.
    """

    def __init__(self, engine: str, limits: Limits | None = None, *, password: str | None = None) -> None:
        self._engine = engine
        self._limits = limits or Limits()
        self._password = password
        self._pool: ProcessPool | None = None
        self._tasks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child; the next call starts another."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None
        self._tasks = 0

    def inspect(self, data: bytes) -> SourceInfo:
        """As `ocr.source.inspect`. Raises ReadingError as it does, or TIMEOUT or CRASHED."""
        return self._in_child(_inspect, data, self._limits, self._password)

    def read(self, data: bytes, first: int = 1, last: int | None = None) -> Document:
        """Pages `first` to `last` (from 1, both included, the end where None) of `data`.

        A page that cannot be read, does not end in time or kills the child is one of the document's
        failures. Raises ReadingError for a file that cannot be opened, or ENGINE_MISSING.
        """
        end = self.inspect(data).pages if last is None else last
        return whole([self._page(data, number) for number in range(first, end + 1)])

    def picture(self, data: bytes, page: Page, marked: Sequence[Box] = ()) -> bytes:
        """`page` of `data` with what was found drawn over it, `marked` boxes highlighted: JPEG.

        Raises ReadingError.
        """
        return self._in_child(_picture, data, self._limits, self._password, page, tuple(marked))

    def _page(self, data: bytes, number: int) -> Document:
        from ocr.reader import failed

        try:
            return self._in_child(_read_page, data, self._limits, self._password, self._engine, number)
        except ReadingError as error:
            if error.category in (FailureCategory.TIMEOUT, FailureCategory.CRASHED):
                return failed(number, error)
            raise

    def _in_child(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        pool = self._running_pool()
        seconds = self._limits.page_seconds
        if self._tasks % self._limits.pages_per_process == 0:
            seconds += self._limits.start_seconds
        self._tasks += 1
        future = pool.schedule(function, args=arguments, timeout=seconds)
        try:
            result: _Result = future.result(timeout=seconds + GRACE_SECONDS)
        except TimeoutError as error:
            if future.done():
                self._tasks = 0
            else:
                self.close()
            raise ReadingError(
                FailureCategory.TIMEOUT,
                f"{self._limits.page_seconds:g}秒以内に読み終わらなかったため中止しました。"
                "時間をおいてやり直し、続く場合はページをスキャンし直してください。",
            ) from error
        except (ProcessExpired, BrokenProcessPool) as error:
            _log.warning("the reading process died: %s", error)
            if isinstance(error, BrokenProcessPool):
                self.close()
            self._tasks = 0
            raise ReadingError(
                FailureCategory.CRASHED,
                "読み取りプロセスが異常終了しました（メモリ不足か、壊れたデータが原因のことがあります）。"
                "やり直しても続く場合は、ページをスキャンし直してください。",
            ) from error
        return result

    def _running_pool(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            self._tasks = 0
            self._pool = ProcessPool(
                max_workers=1,
                max_tasks=self._limits.pages_per_process,
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool


# What follows runs in the child.


class _LastDocument:
    """Keeps the document of the last task open: its next page is usually the next task."""

    def __init__(self) -> None:
        self._data = b""
        self._stack = ExitStack()
        self._pages: Pages | None = None

    def pages(self, data: bytes, limits: Limits, password: str | None) -> Pages:
        if self._pages is None or data != self._data:
            self._stack.close()
            self._pages = None
            self._pages = self._stack.enter_context(open_pages(data, limits, password=password))
            self._data = data
        return self._pages


_last_document = _LastDocument()


@cache
def _engine(name: str, limits: Limits) -> Engine:
    return create(name, limits)


def _inspect(data: bytes, limits: Limits, password: str | None) -> SourceInfo:
    return inspect(data, limits, password=password)


def _read_page(data: bytes, limits: Limits, password: str | None, engine: str, number: int) -> Document:
    from ocr.reader import read_page

    reader = _engine(engine, limits)
    return read_page(_last_document.pages(data, limits, password), number, reader)


def _picture(data: bytes, limits: Limits, password: str | None, page: Page, marked: tuple[Box, ...]) -> bytes:
    import io

    from ocr.overlay import draw

    buffer = io.BytesIO()
    image = draw(page, render_upright(data, page, limits, password=password), marked)
    image.convert("RGB").save(buffer, format="JPEG", quality=PICTURE_QUALITY)
    return buffer.getvalue()
