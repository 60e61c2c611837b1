"""Keywords of a label sheet in texts that spell them otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text.folding import plain
from nlu.text.keyword_search import SearchableText


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("引継ぎ", "後任への引き継ぎが済んでいない"),
        ("引継ぎ", "後任へのひきつぎが済んでいない"),
        ("引き継ぎ", "後任への引継が済んでいない"),
        ("壊れる", "昨日また壊れた"),
        ("見積", "御見積書を頂いた"),
        ("サーバー", "サーバが止まった"),
        ("問い合わせ", "お問合せを頂いた"),
        ("ﾄﾅｰ", "トナーが切れた"),
        ("紙詰まり", "紙づまりが続く"),
    ],
)
def test_a_word_is_found_in_any_spelling(keyword: str, text: str) -> None:
    assert SearchableText(text).holds(plain(keyword))


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("保証", "補償の範囲を確かめたい"),
        ("機械", "機会があれば伺う"),
        ("でき", "納期がない"),
        ("です", "訪問でした"),
        ("解約", "契約を更新した"),
    ],
)
def test_what_only_sounds_alike_is_another_word(keyword: str, text: str) -> None:
    assert not SearchableText(text).holds(plain(keyword))


@given(st.text(max_size=30), st.text(min_size=1, max_size=5))
def test_what_stands_there_as_it_is_is_always_found(text: str, keyword: str) -> None:
    assert SearchableText(text + keyword + text).holds(plain(keyword)) or plain(keyword) not in plain(
        text + keyword + text
    )
