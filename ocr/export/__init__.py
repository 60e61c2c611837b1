"""A document in the formats that other programs read, one module a format.

JSON is `ocr.serialization.to_json`; `ocr.export.searchable_pdf`, which needs the source too, is the PDF.
"""

from ocr.export.hocr import to_hocr
from ocr.export.markdown import to_markdown
from ocr.export.plain_text import to_text

__all__ = ["to_hocr", "to_markdown", "to_text"]
