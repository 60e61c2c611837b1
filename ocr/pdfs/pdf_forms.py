"""The fields of a PDF's form (AcroForm), asked of pdfium.

pdfium's form filling also gives the fields that have none an appearance, which is then drawn and read with
the page; where it has no glyphs for a value, the value itself is known from here.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from ocr.document import Box
from ocr.errors import FailureCategory, ReadingError
from ocr.layers.widgets import Widget, WidgetKind
from ocr.limits import Limits
from ocr.pdfs.pdf_geometry import Frame

_KINDS = {
    pdfium.FPDF_FORMFIELD_TEXTFIELD: WidgetKind.TEXT,
    pdfium.FPDF_FORMFIELD_COMBOBOX: WidgetKind.CHOICE,
    pdfium.FPDF_FORMFIELD_LISTBOX: WidgetKind.CHOICE,
    pdfium.FPDF_FORMFIELD_CHECKBOX: WidgetKind.CHECK,
    pdfium.FPDF_FORMFIELD_RADIOBUTTON: WidgetKind.RADIO,
}
# Notes whose drawing pdfium makes up where they have none.
_DRAWN = (
    pdfium.FPDF_ANNOT_SQUARE,
    pdfium.FPDF_ANNOT_CIRCLE,
    pdfium.FPDF_ANNOT_INK,
    pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE,
    pdfium.FPDF_ANNOT_STRIKEOUT,
    pdfium.FPDF_ANNOT_SQUIGGLY,
)
_UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_PASSWORD = 1 << 13  # of a text field: what is typed is not to be seen (ISO 32000-1, table 228)
_LONGEST = 100_000  # bytes of a value: more is no answer
_MOST_OPTIONS = 1000
# What the shell of a form says that only Adobe's own programs can show.
_SHELL = ("Please wait", "お待ちください", "しばらくお待ち")
_ADOBE = ("Adobe Reader", "Acrobat Reader", "PDF viewer", "PDF ビューア", "PDFビューア")


def check_xfa(document: pypdfium2.PdfDocument) -> None:
    """Raises ReadingError(XFA_FORM) for a form whose pages are made by Adobe's programs alone: the file holds
    a page that asks to wait."""
    kind = pdfium.FPDF_GetFormType(document.raw)
    if kind == pdfium.FORMTYPE_XFA_FULL or (kind == pdfium.FORMTYPE_XFA_FOREGROUND and _is_shell(document)):
        raise ReadingError(
            FailureCategory.XFA_FORM,
            "Adobe専用の動的フォーム（XFA）です。ファイルには「しばらくお待ちください」というページしかなく、記入内容を読み取れません。"
            "Adobe Acrobat ReaderでPDFを開き、「Microsoft Print to PDF」などで印刷して"
            "普通のPDFにしたものを置いてください。",
        )


def _is_shell(document: pypdfium2.PdfDocument) -> bool:
    if len(document) != 1:
        return False
    page = document[0]
    try:
        if pdfium.FPDFPage_GetAnnotCount(page.raw) > 0:
            return False
        said = page.get_textpage().get_text_range(0, _MOST_OPTIONS)
    except pypdfium2.PdfiumError:
        return False
    finally:
        page.close()
    return any(words in said for words in _SHELL) and any(words in said for words in _ADOBE)


def widgets_of(page: pypdfium2.PdfPage, frame: Frame, limits: Limits) -> tuple[Widget, ...]:
    """The fields on a page that a reader sees, and the text boxes that somebody put on it; in points, page as
    displayed. Notes that are an icon until somebody opens them say nothing on the page.

    Raises ReadingError(TOO_COMPLEX) for more notes and fields than `limits.max_objects`.
    """
    count = pdfium.FPDFPage_GetAnnotCount(page.raw)
    if count > limits.max_objects:
        raise ReadingError(
            FailureCategory.TOO_COMPLEX,
            f"ページの注釈と記入欄が多すぎます（上限{limits.max_objects:,}個）。"
            "画像としてPDFに印刷し直すか、スキャンしたものを置いてください。",
        )
    return tuple(_widgets(page, frame, count))


def lacks_drawings(page: pypdfium2.PdfPage) -> bool:
    """Whether the page has notes that are drawn on it, and do not say how."""
    for index in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        drawn = pdfium.FPDFAnnot_GetSubtype(annotation) in _DRAWN
        told = pdfium.FPDFAnnot_HasKey(annotation, b"AP")
        pdfium.FPDFPage_CloseAnnot(annotation)
        if drawn and not told:
            return True
    return False


def _widgets(page: pypdfium2.PdfPage, frame: Frame, count: int) -> Iterator[Widget]:
    environment = page.formenv.raw if page.formenv is not None else None
    for index in range(count):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            if pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN:
                continue
            subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
            if subtype == pdfium.FPDF_ANNOT_FREETEXT:
                yield from _note(annotation, frame)
            elif subtype == pdfium.FPDF_ANNOT_WIDGET and environment is not None:
                yield from _widget(annotation, environment, frame)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _note(annotation: pdfium.FPDF_ANNOTATION, frame: Frame) -> Iterator[Widget]:
    """What a text box on the page says."""
    said = _wide(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")
    if said.strip():
        yield Widget(WidgetKind.NOTE, _box(annotation, frame), _lines(said))


def _widget(
    annotation: pdfium.FPDF_ANNOTATION, environment: pdfium.FPDF_FORMHANDLE, frame: Frame
) -> Iterator[Widget]:
    kind = _KINDS.get(pdfium.FPDFAnnot_GetFormFieldType(environment, annotation))
    if kind is None:
        return
    box = _box(annotation, frame)
    tooltip = _wide(pdfium.FPDFAnnot_GetFormFieldAlternateName, environment, annotation).strip()
    if kind in (WidgetKind.CHECK, WidgetKind.RADIO):
        checked = pdfium.FPDFAnnot_IsChecked(environment, annotation) == 1
        yield Widget(kind, box, checked=checked, tooltip=tooltip)
        return
    value = _wide(pdfium.FPDFAnnot_GetFormFieldValue, environment, annotation)
    if kind is WidgetKind.CHOICE:
        value = _chosen(annotation, environment) or value
    elif pdfium.FPDFAnnot_GetFormFieldFlags(environment, annotation) & _PASSWORD:
        value = ""
    yield Widget(kind, box, _lines(value), tooltip=tooltip)


def _chosen(annotation: pdfium.FPDF_ANNOTATION, environment: pdfium.FPDF_FORMHANDLE) -> str:
    """The options that are chosen, as the list shows them."""
    count = min(pdfium.FPDFAnnot_GetOptionCount(environment, annotation), _MOST_OPTIONS)
    return "\n".join(
        _wide(pdfium.FPDFAnnot_GetOptionLabel, environment, annotation, index)
        for index in range(count)
        if pdfium.FPDFAnnot_IsOptionSelected(environment, annotation, index)
    )


def _box(annotation: pdfium.FPDF_ANNOTATION, frame: Frame) -> Box:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, rect)
    return frame.box((rect.left, rect.right), (rect.bottom, rect.top))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _wide(ask: Callable[..., int], *arguments: object) -> str:
    """A text that pdfium gives in UTF-16."""
    size = min(ask(*arguments, None, 0), _LONGEST)
    if size <= 2:
        return ""
    text = ctypes.create_string_buffer(size)
    ask(*arguments, ctypes.cast(text, ctypes.POINTER(ctypes.c_ushort)), size)
    return text.raw[:size].decode("utf-16-le", "replace").rstrip("\0")
