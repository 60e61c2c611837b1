"""Which text layers are used, and why the others are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.document import Box, SourceReason
from ocr.layers.layer_parts import Character, Picture
from ocr.layers.text_layer import TextLayer
from ocr.layers.trust import LayerVerdict, Trust, judge, picture_regions
from ocr.limits import Limits
from ocr.sources.pages import open_pages
from tests.support.ocr.pdfs import layer_of

PROSE = """四月の異動で出荷係が三名入れ替わったとのこと。標準の手順書を送り、使い方の説明会を
来月の十日に開くことで了承いただいた。費用は見積書のとおりで、値引きの希望はない。
在庫の数が合わない件は、棚卸しの前日までに原因を調べて回答する。ご担当は水口様。"""
ENGLISH = """We received your order of 12 May and will ship the parts to Osaka within
three weeks. Please confirm the address and the name of the person in charge."""
GOOD = {
    "prose": PROSE,
    "names": "佐藤光一 髙橋真理 渡邉健 山﨑裕子 齋藤翔太 東京都千代田区霞が関一丁目 大阪府堺市北区中百舌鳥町",
    "prices": "\n".join(f"製品{n}……………………………………{n},250,000円　△{n}.5%　×{n}" for n in range(1, 9)),
    "contents": "\n".join(f"第{n}章 点検の手順･･･････････････････････････{n}" for n in range(1, 9)),
    "bank": "ｶﾌﾞｼｷｶﾞｲｼｬ ﾊﾔｾ ｴﾝｹﾞｲ ﾌﾂｳ 1234567\nｶ)ｻｻｷ ｼﾖｳｶｲ ﾄｳｻﾞ 7654321",
    "english": ENGLISH,
    "parts": "XJ-2040B 12 48,000\nXK-2041C 8 52,500\nTR-9918 4 120,000\nBRK-77 16 3,250\nPPX-104 2 880,000",
    "korean": "견적서를 보내 드립니다. 납기는 다음 달 이십일을 예정하고 있습니다. 확인 부탁드립니다.",
    "few": "契約書",
}
BAD = {
    "Shift_JIS as cp1252": (PROSE.encode("cp932").decode("cp1252", "replace"), None),
    "UTF-8 as Latin-1": (PROSE.encode().decode("latin-1"), SourceReason.BAD_CHARACTERS),
    "UTF-8 as Shift_JIS": (PROSE.encode().decode("cp932", "ignore"), None),
    "EUC-JP as Shift_JIS": (PROSE.encode("euc_jp").decode("cp932", "ignore"), None),
    "private use": ("".join(chr(0xE000 + ord(c) % 0x1000) for c in PROSE), SourceReason.BAD_CHARACTERS),
    "replaced": ("\ufffd" * 30 + "契約書の件", SourceReason.NO_UNICODE_MAP),
    "kanji shifted": ("".join(chr(0x4E00 + ord(c) * 7 % 0x5000) for c in PROSE), SourceReason.NOT_JAPANESE),
    "glyph numbers": ("".join(chr(0x250 + ord(c) * 11 % 0x1900) for c in PROSE), SourceReason.NOT_JAPANESE),
    "letters shifted": ("".join(chr(ord(c) - 29) for c in ENGLISH if c > " "), SourceReason.NOT_JAPANESE),
}


def verdict_on(data: bytes) -> LayerVerdict:
    limits = Limits()
    with open_pages(data, limits) as pages:
        layer = pages.layer(1)
    assert layer is not None
    return judge(layer)


@pytest.mark.parametrize("kind", GOOD)
def test_sound_layers_are_used(kind: str) -> None:
    verdict = verdict_on(layer_of(GOOD[kind]))
    assert (verdict.trust, verdict.reason) == (Trust.LAYER, SourceReason.GOOD_LAYER)


@pytest.mark.parametrize("kind", BAD)
def test_broken_layers_are_not_used_and_the_reason_is_told(kind: str) -> None:
    text, reason = BAD[kind]
    drawn = "".join(c for c in text if c > " ")
    verdict = verdict_on(layer_of("\n".join(drawn[at : at + 45] for at in range(0, len(drawn), 45))))
    assert verdict.trust is Trust.PIXELS
    faults = {SourceReason.BAD_CHARACTERS, SourceReason.NOT_JAPANESE, SourceReason.NO_UNICODE_MAP}
    assert verdict.reason in ({reason} if reason else faults)


def test_a_font_that_tells_no_characters_is_not_used() -> None:
    verdict = verdict_on(layer_of(PROSE, mapped=False))
    assert verdict.trust is Trust.PIXELS
    assert verdict.reason in (SourceReason.NO_UNICODE_MAP, SourceReason.BAD_CHARACTERS)


@pytest.mark.parametrize(
    ("mode", "picture", "trust", "reason"),
    [
        (3, "under", Trust.PIXELS, SourceReason.HIDDEN_TEXT),
        (0, "over", Trust.PIXELS, SourceReason.HIDDEN_TEXT),
        (0, "under", Trust.BOTH, SourceReason.PICTURE_REGIONS),
        (3, "", Trust.LAYER, SourceReason.GOOD_LAYER),
    ],
    ids=["invisible over a scan", "under a scan", "on a background", "invisible without a picture"],
)
def test_text_that_nobody_sees_is_not_trusted_over_a_scan(
    mode: int, picture: str, trust: Trust, reason: SourceReason
) -> None:
    verdict = verdict_on(layer_of(PROSE, mode=mode, picture=picture))
    assert (verdict.trust, verdict.reason) == (trust, reason)


def layer(text: str, *pictures: Box, dots: int = 2000) -> TextLayer:
    characters = tuple(
        Character(c, Box(40 + 10.0 * (n % 50), 40 + 12.0 * (n // 50), 50 + 10.0 * (n % 50), 50), 10)
        for n, c in enumerate(text)
    )
    return TextLayer(595, 842, characters, (), tuple(Picture(box, dots, dots) for box in pictures))


LOGO, PHOTO = Box(400, 30, 480, 60), Box(60, 300, 500, 600)


def test_only_pictures_that_may_hold_writing_are_read() -> None:
    assert judge(layer(PROSE, LOGO)).trust is Trust.LAYER
    assert judge(layer(PROSE, LOGO, PHOTO)).regions == (PHOTO,)
    assert judge(layer(PROSE, PHOTO, dots=100)).trust is Trust.LAYER, "too coarse for letters"


def test_strips_of_one_scan_are_one_region() -> None:
    strips = [Box(0, 100.0 * n, 595, 100.0 * n + 100) for n in range(3, 8)]
    assert picture_regions(layer(PROSE, *reversed(strips))) == (Box(0, 300, 595, 800),)


def test_a_scan_with_a_typed_page_number_is_a_scan() -> None:
    verdict = judge(layer("－12－", Box(0, 0, 595, 842)))
    assert (verdict.trust, verdict.reason) == (Trust.PIXELS, SourceReason.PICTURE_REGIONS)


def test_hidden_text_of_a_pasted_scan_is_left_to_ocr() -> None:
    page = layer(PROSE, PHOTO)
    ghost = [
        Character("幽", Box(100 + 10.0 * n, 400, 110 + 10.0 * n, 410), 10, hidden=True) for n in range(9)
    ]
    mixed = TextLayer(595, 842, (*page.characters, *ghost), (), page.pictures)
    verdict = judge(mixed)
    assert (verdict.trust, verdict.regions) == (Trust.BOTH, (PHOTO,))
    assert verdict.layer.characters == page.characters


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=60),
    st.lists(
        st.builds(
            lambda x, y, w, h: Box(x, y, x + w, y + h),
            *(st.floats(-100, 900) for _ in range(2)),
            *(st.floats(0, 900) for _ in range(2)),
        ),
        max_size=8,
    ),
)
def test_any_layer_gets_a_verdict_with_regions_on_the_page(text: str, pictures: list[Box]) -> None:
    verdict = judge(layer(text, *pictures))
    assert (verdict.trust is Trust.BOTH) is bool(verdict.regions)
    for region in verdict.regions:
        assert 0 <= region.x0 < region.x1 <= 595
        assert 0 <= region.y0 < region.y1 <= 842
    assert verdict == judge(layer(text, *pictures))
