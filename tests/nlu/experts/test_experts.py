"""The linear expert, the label sheet as an expert, and the blend of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nlu.application.application import Application
from nlu.application.label_sheet import LabelSheet
from nlu.encoders.loading import load_encoder
from nlu.experts.linear_expert import TERMS, VECTORS, LinearExpert, linear_files, linear_from_files
from nlu.experts.sheet_expert import SheetExpert, sheet_from_files
from nlu.model.blend import Blend
from nlu.network.adapters import build_network
from nlu.network.expert_input import ExpertInput
from nlu.network.inference import read
from nlu.network.network import MultitaskModel
from nlu.network.preparation import Prepared, Preparer
from nlu.network.signals import Signals
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence, SentenceSplitter
from nlu.training.choosing.blend_weights import choose_blend
from nlu.training.choosing.linear_experts import fit_on_terms, fit_on_vectors
from nlu.training.examples.examples import Example, make_example
from nlu.training.examples.head_initialisation import sheet_initialisation
from tests.support.nlu.small_application import small_application, small_records

Experts = dict[str, list[Signals]]

PADDING = 1


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    return small_application(tmp_path_factory.mktemp("experts"))


@pytest.fixture(scope="module")
def learned(application: Application, encoder) -> list[Example]:
    return _examples(application, encoder, small_records(120, "train"))


@pytest.fixture(scope="module")
def dev(application: Application, encoder) -> list[Example]:
    return _examples(application, encoder, small_records(60, "dev"))


@pytest.fixture(scope="module")
def network(application: Application) -> MultitaskModel:
    encoder, _ = load_encoder("bundled")
    return build_network(encoder, application)


@pytest.fixture(scope="module")
def learned_inputs(network: MultitaskModel, learned: list[Example]) -> list[ExpertInput]:
    return _inputs(learned, network)


@pytest.fixture(scope="module")
def dev_inputs(network: MultitaskModel, dev: list[Example]) -> list[ExpertInput]:
    return _inputs(dev, network)


@pytest.fixture(scope="module", params=[TERMS, VECTORS])
def expert(
    request: pytest.FixtureRequest,
    application: Application,
    learned: list[Example],
    learned_inputs: list[ExpertInput],
) -> LinearExpert:
    return _fit(request.param, application, learned, learned_inputs)


def test_new_phrases_labels_evidence_and_scores_are_told(
    application: Application, expert: LinearExpert, dev: list[Example], dev_inputs: list[ExpertInput]
) -> None:
    signals = expert.signals(dev_inputs)
    right = [
        int(said.labels["needs"].argmax()) == example.labels["needs"][0]
        for said, example in zip(signals, dev, strict=True)
    ]
    most = max(np.bincount([example.labels["needs"][0] for example in dev])) / len(dev)
    assert np.mean(right) > most
    proving = [
        example.proofs["needs"][int(said.sentences["needs"].max(axis=1).argmax())]
        for said, example in zip(signals, dev, strict=True)
        if any(example.proofs["needs"])
    ]
    assert np.mean(proving) > 0.5
    truth = [example.scores["urgency"] for example in dev]
    assert np.corrcoef(truth, [said.scores["urgency"] for said in signals])[0, 1] > 0.3
    for said in signals:
        assert said.labels["needs"].sum() == pytest.approx(1)
        assert 0 <= said.scores["urgency"] <= 4
        other = application.sheets["topics"].index("その他")
        assert said.labels["topics"][other] == pytest.approx(1 - said.labels["topics"][:other].max())


def test_a_document_is_judged_for_itself_to_the_last_bit(
    expert: LinearExpert, network: MultitaskModel, dev: list[Example], dev_inputs: list[ExpertInput]
) -> None:
    together = expert.signals(dev_inputs[:12])
    alone = [expert.signals(_inputs([example], network))[0] for example in reversed(dev[:12])][::-1]
    assert _bits(together) == _bits(alone)


def test_what_was_written_says_the_same(
    application: Application, expert: LinearExpert, dev_inputs: list[ExpertInput]
) -> None:
    files = expert.to_files()
    again = linear_from_files(application, _kind(expert), files)
    assert _bits(again.signals(dev_inputs)) == _bits(expert.signals(dev_inputs))
    assert again.to_files() == files
    assert sum(map(len, files.values())) < 1_000_000


def test_a_model_of_other_labels_is_refused(
    application: Application, expert: LinearExpert, tmp_path: Path
) -> None:
    wider = small_application(tmp_path / "wider")
    sheet = LabelSheet.parse(
        wider.files["labels.csv"] + "その他,その他,増えた分類,後で足した行,\n".encode(), Path("labels.csv")
    )
    with pytest.raises(ValueError, match="needs"):
        linear_from_files(
            replace(wider, sheets={**wider.sheets, "needs": sheet}), _kind(expert), expert.to_files()
        )


@pytest.mark.parametrize("kind", [TERMS, VECTORS])
def test_partly_annotated_records_and_unseen_labels(
    application: Application,
    learned: list[Example],
    learned_inputs: list[ExpertInput],
    dev_inputs: list[ExpertInput],
    kind: str,
) -> None:
    """No record has 追加機能, none marks evidence, one task and the score are not annotated at all."""
    thin = [
        (replace(example, labels={"needs": example.labels["needs"]}, proofs={}, targets={}, scores={}), seen)
        for example, seen in zip(learned, learned_inputs, strict=True)
        if example.record.labels["needs"] != ("追加機能",)
    ]
    said = _fit(kind, application, *map(list, zip(*thin, strict=True))).signals(dev_inputs[:1])[0]
    assert said.labels["needs"][application.sheets["needs"].index("追加機能")] == 0
    assert said.labels["topics"][:2].tolist() == [0.5, 0.5]
    assert said.scores["urgency"] == 2.0
    assert said.sentences["needs"].shape == (len(dev_inputs[0].document.sentences), 2)


@pytest.mark.parametrize("text", ["", "𠮷野家\ud83d様より", "ｱｲｳ" * 20_000])
def test_any_text_can_be_read(
    application: Application, learned: list[Example], learned_inputs: list[ExpertInput], text: str
) -> None:
    sentences = (Sentence(0, text, 0, len(text), None),) if text else ()
    spans = ((1, 2),) if text else ()
    document = Prepared("x", (0, 5, 2) if text else (0, 2), spans, sentences)
    (said,) = _fit(TERMS, application, learned, learned_inputs).signals([ExpertInput(document)])
    assert np.isfinite(said.labels["needs"]).all()
    assert said.sentences["needs"].shape == (len(sentences), 2)


@pytest.mark.parametrize("kind", [TERMS, VECTORS])
def test_one_record_is_enough_to_begin(
    application: Application, learned: list[Example], learned_inputs: list[ExpertInput], kind: str
) -> None:
    said = _fit(kind, application, learned[:1], learned_inputs[:1]).signals(learned_inputs[1:2])[0]
    assert said.labels["needs"][learned[0].labels["needs"][0]] == 1


@pytest.mark.parametrize("better", ["encoder", "linear"])
def test_the_better_expert_gets_more_weight(
    application: Application, dev: list[Example], better: str
) -> None:
    predictions = _predictions(application, dev, {"encoder": 0.1, "linear": 0.1, better: 0.9})
    blend = choose_blend(application, dev, predictions)
    for chosen in (blend.labels["needs"], blend.labels["topics"], blend.sentences["needs"]):
        assert chosen[better] > 0.5
        assert sum(chosen.values()) == pytest.approx(1)
    assert blend.scores["urgency"][better] > 0.5


def test_evidence_goes_by_who_tells_the_sentences_of_a_document_apart(
    application: Application, dev: list[Example]
) -> None:
    """One expert knows only which documents hold a label, the other only which sentences prove any."""
    (predictions,) = _predictions(application, dev, {"encoder": 0.5}).values()
    by_document: list[Signals] = []
    by_sentence: list[Signals] = []
    for said, example in zip(predictions, dev, strict=True):
        held = np.array([label in example.labels["needs"] for label in range(2)], dtype=float)
        proofs = np.array(example.proofs["needs"], dtype=float)
        for knowledge, expert in (
            (np.outer(np.ones(len(proofs)), held), by_document),
            (np.outer(proofs, np.ones(2)), by_sentence),
        ):
            expert.append(replace(said, sentences={**said.sentences, "needs": 0.1 + 0.8 * knowledge}))
    blend = choose_blend(application, dev, {"encoder": by_document, "linear": by_sentence})
    assert blend.sentences["needs"]["linear"] > 0.7


def test_boldness_and_another_balance_of_classes_win_no_weight(
    application: Application, dev: list[Example]
) -> None:
    """One expert says what the other says, only with less spread and with every class moved."""
    (predictions,) = _predictions(application, dev, {"encoder": 0.5}).values()
    timid = [
        replace(said, labels={**said.labels, "needs": _timid(said.labels["needs"])}) for said in predictions
    ]
    right = _predictions(application, dev, {"linear": 0.45}, seed=5)["linear"]
    plain = choose_blend(application, dev, {"encoder": predictions, "linear": right}).labels["needs"]
    moved = choose_blend(application, dev, {"encoder": timid, "linear": right}).labels["needs"]
    assert plain["encoder"] >= 0.3
    assert moved["encoder"] >= plain["encoder"]


def test_a_task_without_dev_records_is_shared_alike(application: Application, dev: list[Example]) -> None:
    predictions = _predictions(application, dev, {"encoder": 0.9, "linear": 0.1, "sheet": 0.1})
    silent = [replace(example, labels={}, proofs={}, targets={}, scores={}) for example in dev]
    blend = choose_blend(application, silent, predictions)
    for chosen in (blend.labels["topics"], blend.sentences["topics"], blend.scores["urgency"]):
        assert chosen == pytest.approx(dict.fromkeys(predictions, 1 / 3))


def test_a_blend_of_one_expert_changes_little_and_is_kept_as_json(
    application: Application, expert: LinearExpert, dev: list[Example], dev_inputs: list[ExpertInput]
) -> None:
    said = {"linear": expert.signals(dev_inputs)}
    blend = choose_blend(application, dev, said)
    assert Blend.from_json(blend.to_json()) == blend
    mixed = blend.apply(application, said)
    for before, after in zip(said["linear"], mixed, strict=True):
        np.testing.assert_allclose(after.labels["needs"], before.labels["needs"], atol=0.003)
        np.testing.assert_allclose(after.sentences["needs"], before.sentences["needs"], atol=0.002)
        assert after.scores == before.scores
    assert _bits(blend.apply(application, {"linear": said["linear"][:1]})) == _bits(mixed[:1])


def test_the_sheet_alone_finds_what_its_words_and_definitions_name(tmp_path: Path) -> None:
    application = _accidents(tmp_path)
    network, expert = _of_the_sheet(application)
    documents = _documents(
        application,
        ["ＦＩＲＥの文字が読めた。", "濡れた床で滑って腰を打った。", "倉庫から炎が上がり、全焼した。"],
    )
    said = expert.signals([given for _, given in read(network, documents, PADDING)])
    assert [int(one.labels["kind"][:2].argmax()) for one in said] == [1, 0, 1]
    (without,) = expert.signals(
        [given for _, given in read(network, _documents(application, ["別の文字が読めた。"]), PADDING)]
    )
    assert said[0].labels["kind"][1] > without.labels["kind"][1]


def test_the_sheet_says_what_the_network_says_before_it_learns_and_goes_on_saying_it(tmp_path: Path) -> None:
    application = _accidents(tmp_path)
    network, expert = _of_the_sheet(application)
    documents = _documents(
        application, ["倉庫から炎が上がった。朝の点検では異常なし。", "床で滑って転んだ。"]
    )
    before = read(network, documents, PADDING)
    said = expert.signals([given for _, given in before])
    for (by_network, _), by_sheet in zip(before, said, strict=True):
        np.testing.assert_allclose(by_sheet.labels["kind"], by_network.labels["kind"], atol=1e-5)
        np.testing.assert_allclose(by_sheet.sentences["kind"], by_network.sentences["kind"], atol=1e-5)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "lora_B" in name:
                parameter.add_(0.1)
    after = read(network, documents, PADDING)
    assert not np.allclose(after[0][0].labels["kind"], before[0][0].labels["kind"])
    again = sheet_from_files(application, expert.to_files())
    assert _bits(again.signals([given for _, given in after])) == _bits(said)


def test_sheet_vectors_of_other_labels_are_refused(tmp_path: Path) -> None:
    application = _accidents(tmp_path)
    _, expert = _of_the_sheet(application)
    wider = LabelSheet.parse(
        application.files["labels.csv"] + "事故,物,爆発,物が破裂した事故,\n".encode(), Path("labels.csv")
    )
    with pytest.raises(ValueError, match="kind"):
        sheet_from_files(replace(application, sheets={"kind": wider}), expert.to_files())


def _accidents(folder: Path) -> Application:
    (folder / "labels.csv").write_text(
        "大分類,中分類,小分類,定義,キーワード\n"
        "事故,人,転倒,足を滑らせて転んだ事故,つまずく\n"
        "事故,物,火災,物が燃えた事故,ＦＩＲＥ\n"
        "その他,その他,その他,どれにも当たらない,\n",
        encoding="utf-8",
    )
    (folder / "app.toml").write_text(
        'name = "accidents"\ntitle = "事故"\n[[tasks]]\nname = "kind"\ntype = "classification"\n'
        'labels = "labels.csv"\nother = "その他"\nevidence = true\n',
        encoding="utf-8",
    )
    return Application.load(folder)


def _of_the_sheet(application: Application) -> tuple[MultitaskModel, SheetExpert]:
    encoder, tokenizer = load_encoder("bundled")
    starts = sheet_initialisation(application, encoder, tokenizer)
    return build_network(encoder, application, starts), SheetExpert(application, starts)


def _documents(application: Application, texts: Sequence[str]) -> list[Prepared]:
    splitter, preparer = SentenceSplitter(), Preparer(application, *load_encoder("bundled"))
    return [preparer.prepare(text, splitter.split(text, ())) for text in texts]


def _examples(application: Application, encoder, records: Sequence[Record]) -> list[Example]:
    splitter, preparer = SentenceSplitter(), Preparer(application, *encoder)
    examples = []
    for record in records:
        sentences = splitter.split(record.text, ())
        examples.append(make_example(record, sentences, preparer.prepare(record.id, sentences), application))
    return examples


def _inputs(examples: Sequence[Example], network: MultitaskModel) -> list[ExpertInput]:
    return [given for _, given in read(network, [example.prepared for example in examples], PADDING)]


def _fit(
    kind: str, application: Application, examples: list[Example], inputs: list[ExpertInput]
) -> LinearExpert:
    fit = fit_on_terms if kind == TERMS else fit_on_vectors
    return fit(application, examples, inputs)


def _kind(expert: LinearExpert) -> str:
    (kind,) = (kind for kind in (TERMS, VECTORS) if set(linear_files(kind)) == set(expert.to_files()))
    return kind


def _bits(signals: Sequence[Signals]) -> list[bytes]:
    return [
        b"".join(
            [
                *(said.labels[name].tobytes() for name in sorted(said.labels)),
                *(said.sentences[name].tobytes() for name in sorted(said.sentences)),
                *(np.array(said.scores[name]).tobytes() for name in sorted(said.scores)),
            ]
        )
        for said in signals
    ]


def _predictions(
    application: Application, examples: Sequence[Example], skills: dict[str, float], *, seed: int = 0
) -> Experts:
    """Noise, plus so much of the truth as each expert has skill."""
    return {
        name: [
            _signals_of_skill(application, example, skill, np.random.default_rng((seed, place, row)))
            for row, example in enumerate(examples)
        ]
        for place, (name, skill) in enumerate(skills.items())
    }


def _signals_of_skill(
    application: Application, example: Example, skill: float, noise: np.random.Generator
) -> Signals:
    labels, sentences = {}, {}
    for task in application.classifications:
        gold = np.array([label in example.labels[task.name] for label in range(3)], dtype=float)
        odds = skill * 3 * gold + noise.normal(size=3)
        share = np.exp(odds) / np.exp(odds).sum()
        labels[task.name] = 1 / (1 + np.exp(-odds)) if task.multi_label else share
        proofs = np.outer(example.proofs[task.name], gold[:2])
        sentences[task.name] = 1 / (1 + np.exp(-skill * 3 * proofs - noise.normal(size=proofs.shape)))
    value = float(np.clip(skill * example.scores["urgency"] + noise.normal(), 0, 4))
    return Signals(labels, sentences, {"urgency": value})


def _timid(probabilities: np.ndarray) -> np.ndarray:
    flat = probabilities**0.5 * np.array([0.2, 1.0, 5.0])
    return flat / flat.sum()


def _token_vectors(encoder, texts: Sequence[str]) -> list[np.ndarray]:
    model, tokenizer = encoder
    with torch.inference_mode():
        return [
            model(**_encoder_inputs(tokenizer(text, return_tensors="pt")))[0][0, 1:-1].numpy()
            for text in texts
        ]


def _encoder_inputs(batch) -> dict[str, torch.Tensor]:
    return {key: batch[key] for key in ("input_ids", "attention_mask")}
