"""The kinds of files that are known."""

from __future__ import annotations

from enum import StrEnum


class MediaType(StrEnum):
    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    BMP = "image/bmp"
    GIF = "image/gif"
    JPEG2000 = "image/jp2"
    HEIC = "image/heic"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    EML = "message/rfc822"
    MSG = "application/vnd.ms-outlook"


READ_FORMATS = (
    "PDF、画像（TIFF、JPEG、PNG、WebP、BMP、GIF、JPEG 2000、HEIC）、"
    "Office文書（docx、xlsx、pptx）、メール（eml、msg）"
)
