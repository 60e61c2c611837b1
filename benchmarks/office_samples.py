"""Small Office files, mails and further pictures to spoil: every kind of thing that can stand in one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from email.message import EmailMessage

import openpyxl
import pptx
from docx import Document
from openpyxl.styles import Border, Side
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

_SIDE = Side(style="thin")
_TEXT = "本日、株式会社山田製作所を訪問し、測定器 ABC-1234 について説明しました。価格は 1,200 円です。"
_HTML = (
    "<h1>ご注文</h1><p>担当：佐藤</p><table><tr><th>品名</th><th>数量</th></tr><tr><td>釘</td><td>10</td></tr>"
    "<tr><td colspan='2'>合計</td></tr></table><ol><li>一</li><li>二</li></ol>"
)


def office_files() -> Iterator[tuple[str, bytes]]:
    """Files with their kinds: office, mail, picture."""
    picture = Image.new("RGB", (120, 90), "white")
    picture.paste("black", (20, 20, 80, 40))
    yield "office", _word(picture)
    yield "office", _workbook(picture)
    yield "office", _slides(picture)
    yield from (("mail", data) for data in _mails())
    for name, options in (
        ("WEBP", {}),
        ("BMP", {}),
        ("GIF", {"save_all": True, "append_images": [picture.rotate(9)]}),
        ("JPEG2000", {}),
    ):
        yield "picture", _saved(picture, name, **options)


def _saved(picture: Image.Image, name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, name, **options)
    return buffer.getvalue()


def _word(picture: Image.Image) -> bytes:
    made = Document()
    made.add_heading("営業報告書", 0)
    made.add_paragraph("担当：佐藤花子\n部署：営業部")
    made.add_paragraph(_TEXT)
    for style in ("List Bullet", "List Number"):
        made.add_paragraph("項目", style=style)
    table = made.add_table(3, 3)
    for at, text in enumerate(("品名", "数量", "金額", "釘", "10", "500", "板", "2", "900")):
        table.cell(at // 3, at % 3).text = text
    table.cell(2, 0).merge(table.cell(2, 1)).add_table(1, 1)
    made.add_picture(io.BytesIO(_saved(picture, "PNG")), width=Inches(4))
    made.add_page_break()
    made.sections[0].header.paragraphs[0].text = "社外秘"
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def _workbook(picture: Image.Image) -> bytes:
    made = openpyxl.Workbook()
    page = made.active
    for row in (["品名", "数量", "金額"], ["釘", 10, 500.5], ["板", 2, "=A1"], ["合計", None, 1]):
        page.append(row)
    for row in page["A1:C4"]:
        for cell in row:
            cell.border = Border(_SIDE, _SIDE, _SIDE, _SIDE)
            cell.number_format = '¥#,##0;[Red]"△"0'
    page.merge_cells("A4:B4")
    page.row_dimensions[3].hidden = True
    page.add_image(openpyxl.drawing.image.Image(io.BytesIO(_saved(picture, "PNG"))), "A9")
    made.create_sheet("控え").sheet_state = "hidden"
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def _slides(picture: Image.Image) -> bytes:
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text_frame.text = "背景", "上昇\n遅れ"
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    table.cell(0, 0).merge(table.cell(0, 1))
    chart = CategoryChartData()
    chart.categories = ["東京", "大阪"]
    chart.add_series("4月", (1, 2))
    place = (Inches(1), Inches(4), Inches(4), Inches(2))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, *place, chart)
    slide.shapes.add_picture(io.BytesIO(_saved(picture, "PNG")), 0, 0, height=Inches(5))
    slide.shapes.add_group_shape().shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "組"
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def _mails() -> Iterator[bytes]:
    for charset in ("iso-2022-jp", "shift_jis", "utf-8"):
        made = EmailMessage()
        made["From"], made["To"], made["Subject"] = "佐藤 <a@example.com>", "b@example.com", "見積書の件"
        made["Date"] = "Fri, 12 Apr 2024 10:30:05 +0900"
        made.set_content(f"{_TEXT}\n\n品名    数量\n釘      10\n板      2\n納期：5月31日\n", charset=charset)
        made.add_alternative(_HTML, subtype="html", charset=charset)
        made.add_attachment(b"x" * 90, maintype="application", subtype="pdf", filename="請求書.pdf")
        yield made.as_bytes()
    html = EmailMessage()
    html["From"], html["Subject"] = "a@example.com", "HTML"
    html.set_content(_HTML * 3, subtype="html", charset="utf-8")
    yield html.as_bytes()
