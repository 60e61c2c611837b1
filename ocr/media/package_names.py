"""The namespaces of Office Open XML, as prefixes of element and attribute names."""

from __future__ import annotations

_OPEN = "http://schemas.openxmlformats.org/"

W = f"{{{_OPEN}wordprocessingml/2006/main}}"
S = f"{{{_OPEN}spreadsheetml/2006/main}}"
P = f"{{{_OPEN}presentationml/2006/main}}"
A = f"{{{_OPEN}drawingml/2006/main}}"
CHART = f"{{{_OPEN}drawingml/2006/chart}}"
DIAGRAM = f"{{{_OPEN}drawingml/2006/diagram}}"
SHEET_DRAWING = f"{{{_OPEN}drawingml/2006/spreadsheetDrawing}}"
WORD_DRAWING = f"{{{_OPEN}drawingml/2006/wordprocessingDrawing}}"
MATH = f"{{{_OPEN}officeDocument/2006/math}}"
R = f"{{{_OPEN}officeDocument/2006/relationships}}"
PACKAGE_RELATIONSHIPS = f"{{{_OPEN}package/2006/relationships}}"
CONTENT_TYPES = f"{{{_OPEN}package/2006/content-types}}"
COMPATIBILITY = f"{{{_OPEN}markup-compatibility/2006}}"
VML = "{urn:schemas-microsoft-com:vml}"
OFFICE_VML = "{urn:schemas-microsoft-com:office:office}"
EXCEL_VML = "{urn:schemas-microsoft-com:office:excel}"

# ISO/IEC 29500 Strict has names of its own for the same things.
_STRICT = tuple(
    (f"http://purl.oclc.org/ooxml/{strict}".encode(), f"{_OPEN}{name}".encode())
    for strict, name in (
        ("wordprocessingml/main", "wordprocessingml/2006/main"),
        ("spreadsheetml/main", "spreadsheetml/2006/main"),
        ("presentationml/main", "presentationml/2006/main"),
        ("drawingml/main", "drawingml/2006/main"),
        ("drawingml/chart", "drawingml/2006/chart"),
        ("drawingml/diagram", "drawingml/2006/diagram"),
        ("drawingml/spreadsheetDrawing", "drawingml/2006/spreadsheetDrawing"),
        ("drawingml/wordprocessingDrawing", "drawingml/2006/wordprocessingDrawing"),
        ("officeDocument/math", "officeDocument/2006/math"),
        ("officeDocument/relationships", "officeDocument/2006/relationships"),
    )
)


def is_strict(xml: bytes) -> bool:
    """Whether the first bytes of a part name anything of the Strict variant."""
    return b"http://purl.oclc.org/ooxml/" in xml[:65_536]


def transitional(xml: bytes) -> bytes:
    """The same with the names of the Strict variant replaced by those that everything else uses."""
    if is_strict(xml):
        for strict, name in _STRICT:
            xml = xml.replace(strict, name)
    return xml
