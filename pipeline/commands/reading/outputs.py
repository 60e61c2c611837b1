"""What `yomitori ocr` writes: to standard output, or each format to whole files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocr import export
from ocr.document import Document
from ocr.processes.supervised_reader import SupervisedReader
from ocr.serialization import to_json
from pipeline import files
from pipeline.commands.output_folder import make_output_folder
from pipeline.commands.reading.inputs import Input
from pipeline.errors import CommandError

OVERLAY, LAYER, PDF = "overlay", "layer", "pdf"
_TEXTS: dict[str, tuple[str, Callable[[Document], str]]] = {
    "text": (".txt", export.to_text),
    "markdown": (".md", export.to_markdown),
    "json": (".json", lambda document: to_json(document, indent=2).decode()),
    "hocr": (".hocr", export.to_hocr),
}
# Several results one after the other still read as one.
_CHAINABLE = ("text", "markdown")


@dataclass(frozen=True, slots=True)
class Output:
    """Where results go and in which formats: files below `folder`, standard output where None."""

    formats: tuple[str, ...]
    folder: Path | None

    def check(self, inputs: int) -> None:
        """Raises CommandError where the folder cannot be made, or standard output cannot take the results of
        so many inputs."""
        if self.folder is not None:
            make_output_folder(self.folder)
            return
        if len(self.formats) > 1:
            raise CommandError("複数の形式は標準出力に並べられません: -o フォルダ を付けてください。")
        [name] = self.formats
        if name in (OVERLAY, LAYER, PDF):
            raise CommandError(f"{name} は書き出すフォルダが要ります: -o フォルダ を付けてください。")
        if inputs > 1 and name not in _CHAINABLE:
            raise CommandError(
                f"{name} は複数のファイルを標準出力に並べられません: -o フォルダ を付けてください。"
            )

    def write(self, reader: SupervisedReader, data: bytes, document: Document, source: Input) -> None:
        """Writes what was read of `data`. Raises CommandError where the folder cannot be written to, and
        ReadingError where a page cannot be drawn."""
        for name in self.formats:
            self._write(name, reader, data, document, source)

    def _write(
        self, name: str, reader: SupervisedReader, data: bytes, document: Document, source: Input
    ) -> None:
        if name in _TEXTS:
            ending, to_string = _TEXTS[name]
            text = to_string(document)
            if self.folder is None:
                sys.stdout.write(text if text.endswith("\n") else text + "\n")
                sys.stdout.flush()
            else:
                self._write_whole(source, ending, text.encode("utf-8", "replace"))
        elif name == PDF:
            self._write_whole(source, ".pdf", reader.searchable_pdf(data, document))
        elif name == LAYER:
            for page in document.pages:
                self._write_whole(source, f"-{page.number}-layer.png", reader.layer_picture(data, page))
        else:
            for page in document.pages:
                self._write_whole(source, f"-{page.number}.jpg", reader.picture(data, page))

    def _write_whole(self, source: Input, ending: str, data: bytes) -> None:
        """Another program sees all of the file or nothing; the source itself is never written over."""
        assert self.folder is not None
        place = self.folder / source.output
        path = place.with_name(place.name + ending)
        if path.exists() and path.samefile(source.path):
            path = place.with_name(f"{place.name}-yomitori{ending}")
        try:
            files.write_whole(str(path), data)
        except OSError as error:
            raise CommandError(
                f"{path}: 書き出せません（{error.strerror}）。フォルダの権限と空き容量を確かめてください。"
            ) from error
