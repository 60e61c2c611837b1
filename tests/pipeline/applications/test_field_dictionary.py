"""Labels of a company's forms become the columns that its application names."""

from __future__ import annotations

from ocr.document import Box, Document, Field, Page, TextSource
from pipeline.applications.field_dictionary import named

DICTIONARY = {
    "received_at": ("受付日時", "入電時刻"),
    "customer": ("お客様名",),
    "phone": ("電話番号", "連絡先"),
}
_BOX = Box(0, 0, 100, 10)


def _keys(*labels: str, confidence: float = 0.9) -> list[str]:
    fields = tuple(Field(label, "", _BOX, _BOX, confidence, 0, 0) for label in labels)
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, (), (), fields)
    return [field.key for page in named(Document("", (page,)), DICTIONARY).pages for field in page.fields]


def test_every_label_of_a_column_gets_its_key() -> None:
    assert _keys("受付日時", "お客様名", "連絡先", "備考") == ["received_at", "customer", "phone", ""]


def test_blanks_and_width_make_no_difference() -> None:
    dictionary = {"fax": ("ＦＡＸ 番号",)}
    field = Field("FAX　番号", "", _BOX, _BOX, 1.0, 0, 0)
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, (), (), (field,))
    assert named(Document("", (page,)), dictionary).pages[0].fields[0].key == "fax"


def test_one_misread_letter_is_forgiven() -> None:
    assert _keys("受付曰時", "お客様各", "電話番号|") == ["received_at", "customer", "phone"]


def test_a_label_that_was_surely_read_is_no_other_one() -> None:
    assert _keys("受電日時", confidence=0.99) == [""]


def test_a_column_that_has_its_label_is_not_given_to_a_similar_one() -> None:
    assert _keys("受付日時", "受注日時") == ["received_at", ""]


def test_what_comes_near_to_two_columns_belongs_to_none() -> None:
    dictionary = {"sold_at": ("販売日付",), "bought_at": ("購買日付",)}
    field = Field("販買日付", "", _BOX, _BOX, 0.5, 0, 0)
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, (), (), (field,))
    assert named(Document("", (page,)), dictionary).pages[0].fields[0].key == ""


def test_short_labels_are_not_stretched() -> None:
    assert _keys("連給先", "住所") == ["", ""]


def test_the_first_application_that_names_a_field_keeps_it() -> None:
    field = Field("連絡先", "", _BOX, _BOX, 1.0, 0, 0)
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, (), (), (field,))
    document = named(named(Document("", (page,)), DICTIONARY), {"contact": ("連絡先",)})
    assert document.pages[0].fields[0].key == "phone"
