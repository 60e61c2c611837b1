"""Which sentences of a long document are kept: the choice within the budget, and what relevance it serves."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from nlu.text.folding import plain
from nlu.text.relevance.definitions import DefinitionLikeness
from nlu.text.relevance.ngrams import BUCKETS, character_ngrams, unit_rows
from nlu.text.relevance.relevance import RelevanceHead, Topic, keyword_hits
from nlu.text.relevance.selection import SentenceSelector, select, spread
from nlu.training.examples.relevance_head import FEWEST_EVIDENCE, fit_relevance
from tests.support.nlu.small_application import small_records

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
def selector() -> SentenceSelector:
    return SentenceSelector(TOPICS)


@pytest.fixture(scope="module")
def head() -> RelevanceHead:
    """Learned from reports where the sentences that name a problem are marked."""
    problems = [
        "若手が定着せず、後を任せる者がいないと嘆かれた。",
        "ベテランの職人が辞めてしまい、困っているとの事。",
        "銀行に借り入れを断られたと打ち明けられた。",
        "来月の手形が落とせるか心配との話だった。",
        "ベトナムに工場を出す話が進んでいる。",
        "タイの役所への届けで言葉の分かる者がいない。",
        "募集しても応募がないと工場長がこぼしていた。",
        "追加の融資を頼んだが、返事がまだないという。",
    ]
    learned = fit_relevance([*problems, *FILLER], [True] * len(problems) + [False] * len(FILLER))
    assert learned is not None
    return learned


def lengths_of(texts: list[str]) -> list[int]:
    """As many tokens as a tokenizer makes of Japanese, about two for three characters."""
    return [max(1, 2 * len(text) // 3) for text in texts]


def test_a_learned_head_finds_what_no_keyword_names(head: RelevanceHead) -> None:
    report = long_report()
    lengths = lengths_of(report)
    kept = SentenceSelector(TOPICS, head).choose(report, lengths, budget=160)
    assert set(RELEVANT) <= set(kept)
    assert list(kept) == sorted(kept)
    assert 130 <= sum(lengths[n] for n in kept) <= 160


def test_definitions_alone_find_more_than_chance(selector: SentenceSelector) -> None:
    report = long_report()
    lengths = lengths_of(report)
    kept = selector.choose(report, lengths, budget=sum(lengths) // 4)
    assert len(set(RELEVANT) & set(kept)) >= 2


def test_the_encoder_is_asked_about_the_best_sentences_alone_and_once(encoder) -> None:
    model, tokenizer = encoder
    likeness = DefinitionLikeness(model, tokenizer, [topic.definition for topic in TOPICS])
    selector = SentenceSelector(TOPICS, likeness=likeness)
    report = long_report()
    lengths = lengths_of(report)
    passes: list[tuple[int, ...]] = []
    handle = model.register_forward_hook(lambda _model, _args, output: passes.append(output[0].shape))
    try:
        kept = selector.choose(report, lengths, budget=160)
        assert 0 < len(passes) < len(report)
        asked = len(passes)
        assert selector.choose(report, lengths, budget=160) == kept
        assert len(passes) == asked
    finally:
        handle.remove()
    assert set(RELEVANT) & set(kept)
    assert 130 <= sum(lengths[n] for n in kept) <= 160


def test_likeness_finds_a_paraphrase_of_a_definition(encoder) -> None:
    likeness = DefinitionLikeness(*encoder, [topic.definition for topic in TOPICS])  # type: ignore[call-arg]
    assert likeness.of([*FILLER, "若い社員が続かず、募集にも応じる人がいない。"]).argmax() == len(FILLER)


@pytest.mark.parametrize("learned", [False, True])
def test_a_keyword_brings_a_sentence_in(learned: bool, head: RelevanceHead) -> None:
    report = long_report()
    report[22] = "輸出の件は次回。"
    selector = SentenceSelector(TOPICS, head if learned else None)
    assert 22 in selector.choose(report, lengths_of(report), budget=160)


def test_what_fits_is_kept_whole(selector: SentenceSelector) -> None:
    assert selector.choose(["電話が一件。", "特になし。"], [5, 4], budget=9) == (0, 1)
    assert selector.choose(["電話が一件。", "特になし。"], [5, 4], budget=8) != (0, 1)


def test_a_sentence_longer_than_the_budget_is_kept_to_be_cut(selector: SentenceSelector) -> None:
    assert selector.choose(["人手が足りず、" * 60], [420], budget=100) == (0,)
    assert selector.choose([], [], budget=100) == ()


def test_a_sheet_without_definitions_selects_by_keywords() -> None:
    selector = SentenceSelector([Topic(("ＣＲＭ",), "")])
    assert 1 in selector.choose(
        ["議事録を回覧した。", "crmの入れ替えを検討中。", "雨が降った。"], [9, 9, 9], budget=18
    )


def test_a_sheet_of_nothing_but_other_still_fills_the_budget() -> None:
    report = long_report()
    lengths = lengths_of(report)
    kept = SentenceSelector([]).choose(report, lengths, budget=100)
    assert 80 <= sum(lengths[n] for n in kept) <= 100


def test_repeating_a_sentence_does_not_crowd_out_another(selector: SentenceSelector) -> None:
    said = "取引銀行に追加の借り入れを断られ、資金が足りない。"
    report = [*FILLER[:6], said, said, f"{said}以上", said, *FILLER[6:], "若手の採用が思うように進まない。"]
    lengths = lengths_of(report)
    kept = selector.choose(report, lengths, budget=2 * lengths[6] + 4)
    assert len(report) - 1 in kept
    assert sum(report[n].startswith(said) for n in kept) == 1


def test_rare_keywords_weigh_more() -> None:
    hits = keyword_hits(["資金の話", "資金の話と退職の話", "資金", "雑談"], ["資金", "退職"])
    assert hits[1] == 1
    assert 0 < hits[0] < 0.5
    assert hits[3] == 0
    assert not keyword_hits(["雑談"], ["資金"]).any()


def test_a_head_survives_as_tensors_and_is_learned_again_alike(head: RelevanceHead) -> None:
    ngrams = character_ngrams([*FILLER, *RELEVANT.values()])
    again = RelevanceHead.from_tensors(head.to_tensors())
    assert (again.probabilities(ngrams) == head.probabilities(ngrams)).all()
    chances = head.probabilities(ngrams)
    assert chances[-len(RELEVANT) :].min() > chances[: len(FILLER)].max()
    with pytest.raises(ValueError, match="shape"):
        RelevanceHead.from_tensors({**head.to_tensors(), "weights": np.zeros(3, np.float32)})


def test_too_little_evidence_gives_no_head() -> None:
    few = FEWEST_EVIDENCE - 1
    assert fit_relevance([*FILLER], [True] * few + [False] * (len(FILLER) - few)) is None
    assert fit_relevance([*FILLER], [True] * len(FILLER)) is None
    assert fit_relevance([], []) is None


def test_the_choice_is_near_the_best_of_all() -> None:
    """Against every subset, with repeated sentences and values as uneven as those of a learned head."""
    drawn = np.random.default_rng(5)
    pool = sorted({part for record in small_records(60, "train") for part in record.text.split("。") if part})
    shares_of_best = []
    for trial in range(60):
        texts = [str(text) for text in drawn.choice(pool, 9)] + [pool[0], f"{pool[0]}以上"]
        lengths = lengths_of(texts)
        values = drawn.beta(0.3, 1, len(texts)) + 1e-6 if trial % 3 else drawn.random(len(texts)) + 1e-6
        budget = int(drawn.integers(15, 80))
        shares = spread(character_ngrams(texts))
        brought = shares[:, np.unique(shares.indices)].toarray() * values[:, None]
        costs = np.minimum(lengths, budget)
        best = max(
            brought[list(some)].max(axis=0).sum()
            for size in range(1, len(texts) + 1)
            for some in combinations(range(len(texts)), size)
            if costs[list(some)].sum() <= budget
        )
        kept = select(lengths, values, shares, budget)
        shares_of_best.append(brought[list(kept)].max(axis=0).sum() / best)
    assert min(shares_of_best) >= 0.95
    assert np.mean(shares_of_best) >= 0.995


SENTENCES = st.lists(st.tuples(st.integers(1, 60), st.floats(1e-3, 5)), max_size=30)


@settings(deadline=None)
@given(sentences=SENTENCES, budget=st.integers(1, 120))
def test_the_budget_holds_and_the_order_stays(sentences: list[tuple[int, float]], budget: int) -> None:
    """Sentences that have nothing in common: each that still fits is worth taking."""
    lengths = [length for length, _ in sentences]
    shares = csr_matrix(np.eye(len(lengths)))
    kept = select(lengths, [value for _, value in sentences], shares, budget)
    cost = sum(min(lengths[n], budget) for n in kept)
    assert cost <= budget
    assert list(kept) == sorted(set(kept))
    assert bool(kept) == bool(lengths)
    left_out = [min(lengths[n], budget) for n in range(len(lengths)) if n not in kept]
    assert all(cost + length > budget for length in left_out)


def test_one_valuable_sentence_beats_many_small_bargains() -> None:
    lengths = [1, 1, 1, 1, 100]
    assert select(lengths, [0.1, 0.1, 0.1, 0.1, 5.0], csr_matrix(np.eye(5)), 100) == (4,)


def test_what_was_said_already_is_left_out() -> None:
    twice = csr_matrix(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    assert select([10, 10, 10], [1.0, 0.9, 0.1], twice, 25) == (0, 2)
    assert select([10, 10, 10], [1.0, 0.9, 0.1], twice, 30) == (0, 2)


def test_ngrams_are_those_of_scikit_learn() -> None:
    texts = ["契約を　更新したい。\n\n 席は10席。", "", "あ", "𠮷野家㈱ ﾃｽﾄ ABC", "x" * 400]
    peer = HashingVectorizer(
        analyzer="char",
        ngram_range=(1, 3),
        n_features=BUCKETS,
        binary=True,
        norm=None,
        alternate_sign=False,
        lowercase=False,
    ).transform([plain(text) for text in texts])
    assert (character_ngrams(texts) != peer).nnz == 0
    assert (unit_rows(character_ngrams(texts)) != normalize(peer)).nnz == 0
