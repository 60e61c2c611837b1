from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.encoders.loading import text_vectors
from nlu.text.selection import SentenceSelector, Topic, keyword_hits, likeness, select

TOPICS = (
    Topic(("人手", "採用", "退職"), "人が足りない、採用できない、辞めてしまうなど、人事と要員についての課題"),
    Topic(("資金", "融資", "入金"), "支払いや借り入れ、資金の不足など、資金繰りについての課題"),
    Topic(("海外", "現地法人", "輸出"), "外国での生産や販売、進出についての課題"),
)

FILLER = (
    "午前九時に事務所を出て、国道沿いの三社を回った。",
    "駐車場が混んでいたため、到着が十分ほど遅れた。",
    "受付で名刺を渡し、応接室に案内された。",
    "新しいカタログを二十部届けた。",
    "先方の社屋は先月塗り替えたばかりで明るい。",
    "昼食は同行した後輩と駅前の食堂で済ませた。",
    "午後は見積書の数字を一つずつ読み合わせた。",
    "説明の途中で別の来客があり、少し待った。",
    "試作品の色は次の打ち合わせで決める。",
    "帰りに倉庫へ寄り、返品の箱を受け取った。",
    "夕方は社内で月例の会議に出た。",
    "議事録は明日の朝に回覧する。",
    "電話が二件あり、どちらも納品日の確認だった。",
    "天気が崩れたので、屋外の展示は中止になった。",
    "プロジェクターの調子が悪く、資料は紙で配った。",
)
RELEVANT = {
    13: "ベテランが二人続けて辞め、後を継げる者がいないと工場長がこぼしていた。",
    31: "取引銀行に追加の借り入れを断られ、来月の手形が落とせるか心配だという。",
    47: "タイに工場を出す話が役員会で動き出したが、言葉の分かる者がいない。",
}


def long_report() -> list[str]:
    """Sixty sentences of a daily report, three of which name a problem without any keyword of the sheet."""
    return [RELEVANT.get(n) or f"{n + 1}、{FILLER[n % len(FILLER)]}" for n in range(60)]


@pytest.fixture(scope="module")
def selector(encoder) -> SentenceSelector:
    return SentenceSelector(*encoder, TOPICS)


def token_counts(encoder, texts: list[str]) -> list[int]:
    return [len(ids) for ids in encoder[1](texts, add_special_tokens=False)["input_ids"]]


def test_relevant_sentences_of_a_long_report_are_kept_in_order(selector: SentenceSelector, encoder) -> None:
    report = long_report()
    lengths = token_counts(encoder, report)
    kept = selector.choose(report, lengths, budget=256)
    assert set(RELEVANT) <= set(kept)
    assert list(kept) == sorted(kept)
    assert 200 <= sum(lengths[n] for n in kept) <= 256


def test_a_keyword_brings_a_sentence_in(selector: SentenceSelector, encoder) -> None:
    report = long_report()
    report[22] = "輸出の件は次回。"
    assert 22 in selector.choose(report, token_counts(encoder, report), budget=100)


def test_what_fits_is_kept_whole_without_asking_the_encoder(encoder) -> None:
    selector = SentenceSelector(*encoder, TOPICS)
    calls = []
    handle = encoder[0].register_forward_hook(lambda *_: calls.append(1))
    try:
        assert selector.choose(["電話が一件。", "特になし。"], [5, 4], budget=9) == (0, 1)
        assert not calls
        selector.choose(["電話が一件。", "特になし。"], [5, 4], budget=8)
        assert calls
    finally:
        handle.remove()


def test_a_sentence_longer_than_the_budget_is_kept_to_be_cut(selector: SentenceSelector) -> None:
    assert selector.choose(["人手が足りず、" * 60], [420], budget=100) == (0,)
    assert selector.choose([], [], budget=100) == ()


def test_a_sheet_without_definitions_selects_by_keywords(encoder) -> None:
    selector = SentenceSelector(*encoder, [Topic(("ＣＲＭ",), "")])
    assert 1 in selector.choose(
        ["議事録を回覧した。", "crmの入れ替えを検討中。", "雨が降った。"], [9, 9, 9], budget=18
    )


def test_repeating_a_sentence_does_not_crowd_out_another(selector: SentenceSelector, encoder) -> None:
    said = "取引銀行に追加の借り入れを断られた。"
    report = [*FILLER[:6], said, said, said, said, *FILLER[6:], "若手の採用が思うように進まない。"]
    lengths = token_counts(encoder, report)
    kept = selector.choose(report, lengths, budget=2 * lengths[6] + 14)
    assert len(report) - 1 in kept
    assert sum(report[n] == said for n in kept) == 1


def test_rare_keywords_weigh_more() -> None:
    hits = keyword_hits(["資金の話", "資金の話と退職の話", "資金", "雑談"], ["資金", "退職"])
    assert hits[1] == 1
    assert 0 < hits[0] < 0.5
    assert hits[3] == 0
    assert not keyword_hits(["雑談"], ["資金"]).any()


def test_likeness_tells_paraphrase_from_neighbour(encoder) -> None:
    texts = ["採用が進まない。", "採用がなかなか進まない。", *FILLER]
    alike = likeness(text_vectors(*encoder, texts).astype(np.float64))
    assert alike[0, 1] > 0.6
    assert np.median(alike) < 0.2
    assert alike.diagonal() == pytest.approx(1)


SENTENCES = st.lists(st.tuples(st.integers(1, 60), st.floats(-5, 5)), max_size=30)


@settings(deadline=None)
@given(sentences=SENTENCES, budget=st.integers(1, 120), seed=st.integers(0, 9))
def test_the_budget_holds_and_the_order_stays(
    sentences: list[tuple[int, float]], budget: int, seed: int
) -> None:
    lengths = [length for length, _ in sentences]
    alike = np.random.default_rng(seed).random((len(lengths), len(lengths)))
    for pairs in (None, alike):
        kept = select(lengths, [wanted for _, wanted in sentences], pairs, budget)
        cost = sum(min(lengths[n], budget) for n in kept)
        assert cost <= budget
        assert list(kept) == sorted(set(kept))
        assert bool(kept) == bool(lengths)
        left_out = [min(lengths[n], budget) for n in range(len(lengths)) if n not in kept]
        assert all(cost + length > budget for length in left_out)


def test_without_likeness_the_most_relevant_go_first() -> None:
    assert select([10, 10, 10, 10], [0.1, 3, 2, 1], None, 25) == (1, 2)
    assert select([10, 10, 10, 10], [0.1, 3, 2, 1], np.eye(4), 25) == (1, 2)
