"""Changed copies of records: the text differs, what is annotated still covers what it covered."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nlu.application.application import Application
from nlu.records.problems import application_problems
from nlu.records.record import Record, Span
from nlu.text.boundaries.sentences import Sentence, SentenceSplitter
from nlu.training.augmentation.copies import KINDS, VERSIONS, augment_draws
from nlu.training.augmentation.editing import Edit, join, marks, rewrite, sentence_groups
from nlu.training.augmentation.keyword_hiding import HIDDEN, hide_keywords
from nlu.training.augmentation.mixing import mix
from nlu.training.augmentation.ocr_noise import misread
from nlu.training.augmentation.sentence_order import rearrange
from nlu.training.augmentation.word_variants import vary
from nlu.training.sampling import reported
from tests.support.nlu.small_application import small_application, small_records

_WORDS = some.text("見積りを送って。口ロ 3A\n", min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)


@some.composite
def _annotated(draw: some.DrawFn) -> tuple[Record, tuple[Sentence, ...]]:
    """Any sentences with any white space between them, and stretches marked anywhere."""
    text, sentences = "", []
    for number, raw in enumerate(draw(some.lists(_WORDS, min_size=1, max_size=5))):
        text += draw(some.sampled_from(["", " ", "\n", "\n\n"]))
        start = len(text)
        text += raw.strip()
        sentences.append(Sentence(number, raw.strip(), start, len(text), None))
    places = some.integers(0, len(text))
    pairs = some.tuples(places, places).map(sorted).filter(lambda pair: pair[0] < pair[1])
    spans = some.lists(pairs.map(lambda pair: Span(*pair)), max_size=3).map(tuple)  # type: ignore[arg-type]
    record = Record(
        "r",
        text,
        {"needs": ("契約外",)},
        evidence={"needs": draw(spans)},
        sentences={"topics": draw(spans)},
        spans={"goods": draw(spans)},
    )
    return record, tuple(sentences)


@given(_annotated(), some.data())
def test_rewriting_moves_every_annotated_stretch_with_its_text(
    annotated: tuple[Record, tuple[Sentence, ...]], data: some.DataObject
) -> None:
    record, sentences = annotated
    cuts = sorted(data.draw(some.lists(some.integers(0, len(record.text)), max_size=8)))
    news = some.text("あい見", max_size=3)
    edits = [Edit(a, b, data.draw(news)) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a <= b]
    edits = [edit for edit, before in zip(edits, [None, *edits], strict=False) if _apart(before, edit)]

    changed, moved = rewrite(record, sentences, edits)

    made = [edit for edit in edits if rewrite(record, sentences, [edit])[0].text != record.text]
    for old, new in zip(marks(record), marks(changed), strict=True):
        inside = [edit for edit in made if old.start <= edit.start and edit.end <= old.end]
        assert changed.text[new.start : new.end] == _edited(record.text, old.start, old.end, inside)
    assert [sentence.number for sentence in moved] == [sentence.number for sentence in sentences]
    for sentence in moved:
        assert sentence.text == changed.text[sentence.start : sentence.end] == sentence.text.strip() != ""


def _apart(before: Edit | None, edit: Edit) -> bool:
    return before is None or before.end < edit.start


def _edited(text: str, start: int, end: int, edits: Sequence[Edit]) -> str:
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
        end += len(edit.text) - (edit.end - edit.start)
    return text[start:end]


@given(_annotated(), some.randoms(use_true_random=False))
def test_sentences_put_in_another_order_take_their_annotation_with_them(
    annotated: tuple[Record, tuple[Sentence, ...]], rng: random.Random
) -> None:
    record, sentences = annotated
    order = list(sentence_groups(record, sentences))
    rng.shuffle(order)

    changed, moved = join(record, order)

    assert Counter(sentence.text for sentence in moved) == Counter(sentence.text for sentence in sentences)
    assert [sentence.number for sentence in moved] == list(range(len(sentences)))
    assert all(sentence.text == changed.text[sentence.start : sentence.end] for sentence in moved)
    before = Counter(_covered(record, span, sentences) for span in marks(record))
    after = Counter(_covered(changed, span, moved) for span in marks(changed))
    assert {text: count for text, count in after.items() if text} == {
        text: count for text, count in before.items() if text
    }


def _covered(record: Record, span: Span, sentences: Sequence[Sentence]) -> str:
    """What a stretch covers of sentences, white space between them put aside."""
    return "".join(
        record.text[max(span.start, sentence.start) : min(span.end, sentence.end)] for sentence in sentences
    )


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    return small_application(tmp_path_factory.mktemp("application"))


@pytest.fixture(scope="module")
def split_records(splitter: SentenceSplitter) -> list[tuple[Record, tuple[Sentence, ...]]]:
    return [(record, splitter.split(record.text)) for record in small_records(40, "train")]


def _with(application: Application, **shares: float) -> Application:
    settings = application.settings
    changed = settings.augmentation.model_copy(update=shares)
    return replace(application, settings=settings.model_copy(update={"augmentation": changed}))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_valid_records_that_keep_their_proof(
    kind: str, application: Application, split_records: list[tuple[Record, tuple[Sentence, ...]]]
) -> None:
    records, sentences = zip(*split_records, strict=True)
    draws = [list(range(len(records)))] * 2

    augmented = augment_draws(records, sentences, draws, _with(application, **{kind: 1.0}))

    assert augmented == augment_draws(records, sentences, draws, _with(application, **{kind: 1.0}))
    assert len(augmented.copies) >= 4
    for copy in augmented.copies:
        source = records[copy.source]
        assert copy.record.text != source.text
        assert list(application_problems(copy.record, application)) == []
        assert copy.record.labels == source.labels
        for sentence in copy.sentences:
            assert sentence.text == copy.record.text[sentence.start : sentence.end]
        for task, spans in source.evidence.items():
            proofs = [copy.record.text[span.start : span.end] for span in copy.record.evidence[task]]
            assert len(proofs) == len(spans)
            if kind in ("sentences", "mixed"):
                assert proofs == [source.text[span.start : span.end] for span in spans]


def test_the_shares_asked_for_are_shown_changed_and_a_record_has_few_copies(
    application: Application, split_records: list[tuple[Record, tuple[Sentence, ...]]]
) -> None:
    records, sentences = zip(*split_records, strict=True)
    draws = [list(range(len(records)))] * 20

    augmented = augment_draws(
        records, sentences, draws, _with(application, ocr_noise=0.2, sentences=0.1, variants=0.1)
    )

    copies = dict(enumerate(augmented.copies, start=len(records)))
    shown = Counter(copies[place].kind for epoch in augmented.draws for place in epoch if place in copies)
    total = sum(map(len, draws))
    assert shown["ocr_noise"] / total == pytest.approx(0.2, abs=0.05)
    assert shown["sentences"] / total == pytest.approx(0.1, abs=0.05)
    assert max(Counter((copy.source, copy.kind) for copy in augmented.copies).values()) <= VERSIONS
    sources = [
        [copies[place].source if place in copies else place for place in epoch] for epoch in augmented.draws
    ]
    assert sources == draws


def test_nothing_is_changed_where_nothing_is_asked(
    application: Application, split_records: list[tuple[Record, tuple[Sentence, ...]]]
) -> None:
    records, sentences = zip(*split_records, strict=True)
    augmented = augment_draws(records, sentences, [[3, 1, 3]], _with(application, mixed=0.0))
    assert augmented.copies == ()
    assert augmented.draws == ((3, 1, 3),)


def _sentences(text: str) -> tuple[Sentence, ...]:
    """Of texts whose every 。 ends a sentence."""
    found: list[Sentence] = []
    for part in text.split("。")[:-1]:
        start = found[-1].end if found else 0
        found.append(Sentence(len(found), f"{part}。", start, start + len(part) + 1, None))
    return tuple(found)


def test_words_get_spellings_that_mean_the_same() -> None:
    text = "お客様から申し込みの件で入電。サーバーの見積もりが欲しいとのこと。3月の打合せで説明しました。"
    record = Record("r", text)
    seen = {
        sentence.text
        for seed in range(300)
        for changed in [vary(record, _sentences(text), random.Random(seed))]
        if changed is not None
        for sentence in changed[1]
    }
    joined = "".join(seen)
    for form in (
        "顧客",
        "申込",
        "申込み",
        "受電",
        "サーバの",
        "見積り",
        "見積が",
        "ほしい",
        "の事",
        "三月",
        "３月",
        "打ち合わせ",
        "説明した。",
    ):
        assert form in joined, form
    assert not any(wrong in joined for wrong in ("しましました", "ご御", "為る"))


def test_able_does_not_become_doing() -> None:
    """The dictionary gives 書ける the normal form 書く: another word, and what a customer asks for."""
    text = "一度に書けるか、直せるか、出せるかとのお尋ね。"
    for seed in range(100):
        changed = vary(Record("r", text), _sentences(text), random.Random(seed))
        assert changed is None or all(verb in changed[0].text for verb in ("書ける", "直せる", "出せる"))


def test_misreading_is_as_rare_as_on_pages_and_takes_what_looks_alike() -> None:
    text = "データの口座をロビーで確認し、カメラ二台とハードディスクを夕方までに手配した。" * 5
    record, sentences = Record("r", text), _sentences(text)
    copies = [misread(record, sentences, random.Random(seed)) for seed in range(60)]
    wrong = [
        sum(a != b for a, b in zip(text, changed[0].text, strict=False))
        for changed in copies
        if changed is not None and len(changed[0].text) == len(text)
    ]
    assert len(wrong) > 20
    assert 0 < sorted(wrong)[len(wrong) // 2] < 0.1 * len(text)
    assert any("一" in changed[0].text for changed in copies if changed is not None)
    broken = [changed[1] for changed in copies if changed is not None and "\n" in changed[0].text]
    assert broken
    assert all(len(parts) == len(sentences) for parts in broken)


def test_keywords_are_hidden_in_whatever_width_they_stand(application: Application) -> None:
    text = "見積と追加契約を希望。機能の話もあった。"
    record = Record("r", text, {"needs": ("契約外",)}, evidence={"needs": (Span(0, 11),)})
    hidden = {
        hide_keywords(record, _sentences(text), application, random.Random(seed))[0].text
        for seed in range(50)
    }
    assert f"{HIDDEN}と{HIDDEN}を希望。{HIDDEN}の話もあった。" in hidden
    assert all(HIDDEN in copy for copy in hidden)
    assert hide_keywords(Record("r", "雑談。"), _sentences("雑談。"), application, random.Random(0)) is None


def test_what_a_copy_cannot_vouch_for_is_not_annotated(application: Application) -> None:
    text = "急ぎだそうだ。席を増やしたい。見積は要らない。以上。"
    proof = (Span(7, 15),)
    record = Record(
        "r", text, {"needs": ("契約外",), "topics": ("契約外",)}, {"urgency": 4.0}, {"needs": proof}
    )
    other = Record("o", text, {"needs": ("その他",)}, {"urgency": 4.0}, {"needs": ()})
    for seed in range(40):
        changed = rearrange(record, _sentences(text), application, random.Random(seed))
        if changed is not None:
            copy, sentences = changed
            assert "席を増やしたい。" in [sentence.text for sentence in sentences]
            whole = len(sentences) == 4
            assert (copy.scores == {"urgency": 4.0}) is whole
            assert set(copy.labels) == ({"needs", "topics"} if whole else {"needs"})
        kept = rearrange(other, _sentences(text), application, random.Random(seed))
        assert kept is None or len(kept[1]) == 4


def test_mixing_carries_the_proof_and_the_labels_it_proves(application: Application) -> None:
    rare_text, other_text = "お礼の電話。席を増やしたい。", "請求書が届いた。担当は不在。以上。"
    rare = Record(
        "r",
        rare_text,
        {"needs": ("契約外",), "topics": ("その他",)},
        {"urgency": 3.0},
        {"needs": (Span(6, 14),), "topics": ()},
    )
    other = Record(
        "o",
        other_text,
        {"needs": ("その他",), "topics": ("その他",)},
        {"urgency": 0.0},
        {"needs": (), "topics": ()},
    )
    texts = set()
    for seed in range(30):
        copy, sentences = mix(
            rare, _sentences(rare_text), (other, _sentences(other_text)), application, random.Random(seed)
        )
        texts.add(copy.text)
        assert copy.labels == {"needs": ("契約外",), "topics": ("その他",)}
        assert copy.scores == {"urgency": 3.0}
        assert [copy.text[span.start : span.end] for span in copy.evidence["needs"]] == ["席を増やしたい。"]
        assert sorted(s.text for s in sentences) == sorted(
            ["席を増やしたい。", *(s.text for s in _sentences(other_text))]
        )
    assert len(texts) == 4

    unread = replace(other, labels={"topics": ("その他",)})
    assert (
        mix(rare, _sentences(rare_text), (unread, _sentences(other_text)), application, random.Random(0))
        is None
    )
    assert reported(rare, application) == (("needs", "契約外"),)
