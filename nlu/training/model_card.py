"""The model card: what a data scientist has to know before trusting a tailored model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlu.application.application import Application
from nlu.application.settings import ClassificationTask, ScoreTask
from nlu.decisions.deciding import Decisions
from nlu.decisions.threshold import Threshold
from nlu.evaluation.comparing import Evaluation
from nlu.evaluation.report.markdown import to_markdown
from nlu.experts.linear_expert import TERMS, VECTORS
from nlu.experts.sheet_expert import SHEET
from nlu.model.blend import Blend
from nlu.model.ensemble import NETWORK
from nlu.network.long_documents import STRETCH
from nlu.records.record import Record

EXPERT_TITLES = {
    NETWORK: f"`{NETWORK}`: 上に書いた encoder",
    TERMS: f"`{TERMS}`: 文字 n-gram と単語の線形モデル",
    VECTORS: f"`{VECTORS}`: encoder の学習しない下位層の、文章ごとの平均ベクトルの線形モデル",
    SHEET: f"`{SHEET}`: ラベルシートの名前・定義・キーワードとの近さ（レコードからは何も学ばない）",
}


@dataclass(frozen=True, slots=True)
class CardFacts:
    """All that the card of a freshly trained model states; epochs are those of each network that learned."""

    application: Application
    model_id: str
    encoder_sha256: str
    learned_parameters: int
    learned_tokens: int
    train_records: Sequence[Record]
    dev_records: Sequence[Record]
    best_epochs: Sequence[Sequence[int]]
    epochs_run: Sequence[int]
    thresholds: Sequence[Threshold]
    warnings: Sequence[str]
    decisions: Decisions
    blend: Blend | None


def model_card(facts: CardFacts, dev: Evaluation) -> str:
    """The card as Markdown, in Japanese with the field's terms in English; `dev` are the figures on the
    records that judged."""
    return "\n".join(
        [
            *_purpose(facts),
            *_method(facts),
            *_data(facts),
            *_mixture(facts),
            *_figures(facts, dev),
            *_thresholds(facts),
            *_calibration(facts),
            *_score_lines(facts),
            *_limits(facts),
        ]
    )


def _purpose(facts: CardFacts) -> Iterator[str]:
    settings = facts.application.settings
    yield f"# {settings.title}（{settings.name}）"
    yield ""
    yield f"model_id: `{facts.model_id}`"
    yield ""
    yield "日本語の業務文書 1 件の文章から、次を一度の encoder 計算で求めます。"
    yield ""
    for task in settings.tasks:
        if isinstance(task, ClassificationTask):
            kind = "複数可" if task.multi_label else "1 つ"
            names = "・".join(facts.application.sheets[task.name].names)
            proof = "、根拠文" if task.evidence else ""
            yield f"- `{task.name}`: 小分類（{kind}: {names}）{proof}"
        elif isinstance(task, ScoreTask):
            yield f"- `{task.name}`: {task.minimum:g} から {task.maximum:g} のスコア"
    yield ""


def _method(facts: CardFacts) -> Iterator[str]:
    settings = facts.application.settings
    training = settings.training
    learned = "学習した" if facts.train_records else "学習できる"
    yield "## 作り方"
    yield ""
    yield (
        f"- encoder: `{settings.encoder}`（sha256 `{facts.encoder_sha256[:16]}…`）。"
        f"上位 {training.trainable_layers} 層に LoRA（rank {training.lora_rank}）、"
        "その上にタスクごとの head。"
        f"{learned}パラメータは {facts.learned_parameters:,} 個で、このフォルダにはそれだけが入っています。"
    )
    yield (
        f"- 入力は最大 {settings.selection.max_tokens} token。"
        "超える文書はラベルシートとの関連が高い文を選びます。"
    )
    if facts.learned_tokens:
        yield (
            f"- 学習したレコードの 99 % は {facts.learned_tokens} token 以内です。"
            f"その {STRETCH:g} 倍を超える文書は、"
            f"{facts.learned_tokens // 2} token 以内の部分に分けて読みます。"
        )
    if not facts.train_records:
        yield (
            "- 学習レコードはありません。head は、ラベルシートの定義とキーワードから作った初期値のままです"
            f"（seed {training.seed}）。"
        )
        yield ""
        return
    yield (
        f"- epoch ごとに「その他」を引き直し（他のレコード 1 件につき {training.other_ratio:g} 件）、"
        f"少ない小分類は最大 {training.max_repeats} 回まで繰り返します。損失にも小分類ごとの重みを掛けます。"
    )
    if len(facts.best_epochs) > 1:
        yield (
            f"- train と dev を合わせて {len(facts.best_epochs)} つに分け、"
            "1 つを除いて学習した重みを平均しました。epoch・閾値・混合の重みは、"
            "どのレコードも、それを学習していない重みに判断させて選びました（交差検証）。"
            "この文書で dev とあるのは、そのように判断させた全レコードです。"
        )
    chosen = "、".join(
        f"{run} epoch のうち {'・'.join(map(str, best))} epoch 目"
        for run, best in zip(facts.epochs_run, facts.best_epochs, strict=True)
    )
    yield (
        f"- dev の指標が最も良かった重みです：{chosen}"
        f"（seed {training.seed}、学習率 {training.learning_rate:g}、batch {training.batch_size}）。"
    )
    yield ""


def _mixture(facts: CardFacts) -> Iterator[str]:
    """How much each expert has to say, task by task."""
    if facts.blend is None:
        return
    experts = [name for name in EXPERT_TITLES if name in facts.blend.experts]
    yield "## 混合"
    yield ""
    yield (
        "同じ学習レコードから作った次のものの確率を対数で混ぜています（スコアは平均）。"
        "重みは、ありうる混ぜ方すべての、dev での尤度による平均です。"
    )
    yield ""
    for name in experts:
        yield f"- {EXPERT_TITLES[name]}"
    yield ""
    yield "| タスク | 対象 | " + " | ".join(name for name in experts) + " |"
    yield "|---|---|" + "---:|" * len(experts)
    for kind, by_task in (
        ("小分類", facts.blend.labels),
        ("根拠文", facts.blend.sentences),
        ("スコア", facts.blend.scores),
    ):
        for task, weights in by_task.items():
            yield f"| {task} | {kind} | " + " | ".join(f"{weights[name]:.2f}" for name in experts) + " |"
    yield ""


def _data(facts: CardFacts) -> Iterator[str]:
    yield "## データ"
    yield ""
    yield f"学習（train）{len(facts.train_records)} 件、調整（dev）{len(facts.dev_records)} 件。"
    for task in facts.application.classifications:
        train, dev = _counts(facts.train_records, task), _counts(facts.dev_records, task)
        yield ""
        yield f"| {task.name} | train | dev |"
        yield "|---|---:|---:|"
        for name in facts.application.sheets[task.name].names:
            yield f"| {name} | {train[name]} | {dev[name]} |"
    yield ""


def _figures(facts: CardFacts, dev: Evaluation) -> Iterator[str]:
    yield "## dev での成績"
    yield ""
    if not facts.dev_records:
        yield (
            "dev のレコードがないため、成績は分かりません。"
            "注釈を付けたレコードで `yomitori evaluate` を実行して得てください。"
        )
        yield ""
        return
    yield (
        "下の閾値と epoch は同じ dev で選んだので、この数字は実際よりやや良く出ます。"
        "公正な数字は、学習にも調整にも使っていないレコードで `yomitori evaluate` を実行して得てください。"
    )
    yield ""
    yield to_markdown(dev)


def _thresholds(facts: CardFacts) -> Iterator[str]:
    yield "## 閾値"
    yield ""
    if not facts.dev_records:
        yield "dev のレコードがないため、閾値は既定値のままです。"
        yield ""
        yield "| タスク | 対象 | 閾値 |"
        yield "|---|---|---:|"
        for threshold in facts.thresholds:
            yield f"| {threshold.task} | {threshold.name} | {threshold.value:.3f} |"
        yield ""
        return
    yield (
        "正例が少ないと、dev で最良の閾値は偶然で決まります。"
        "そのため、確率をなめらかに当てはめてから選びます。"
        "閾値 0 は、重みを付けた確率が最大の小分類をそのまま選ぶことを示します。"
        "recall の区間は 95 % の Wilson interval です。"
    )
    yield ""
    yield "| タスク | 対象 | 閾値 | 決め方 | dev の正例 | precision | recall | recall の区間 |"
    yield "|---|---|---:|---|---:|---:|---:|---|"
    for threshold in facts.thresholds:
        yield (
            f"| {threshold.task} | {threshold.name} | {threshold.value:.3f} | {threshold.rule} "
            f"| {threshold.positives} | {threshold.precision:.3f} | {threshold.recall:.3f} "
            f"| {threshold.recall_low:.2f}–{threshold.recall_high:.2f} |"
        )
    yield ""


def _calibration(facts: CardFacts) -> Iterator[str]:
    if not facts.decisions.calibration:
        return
    yield "## 確率の校正"
    yield ""
    yield "確率と実際の割合のずれ（expected calibration error）。校正後は dev での交差検証です。"
    yield ""
    yield "| タスク | 校正前 | 校正後 |"
    yield "|---|---:|---:|"
    for task, calibration in facts.decisions.calibration.items():
        yield f"| {task} | {calibration.error_before:.3f} | {calibration.error_after:.3f} |"
    yield ""


def _score_lines(facts: CardFacts) -> Iterator[str]:
    if not facts.decisions.scores:
        return
    yield "## スコアの補正"
    yield ""
    yield (
        "学習の偏りで高すぎ・低すぎになるスコアを、dev の値に合わせて直線で補正します。"
        "補正後の誤差は交差検証です。"
    )
    yield ""
    yield "| タスク | 傾き | 切片 | 補正前の平均誤差 | 補正後 |"
    yield "|---|---:|---:|---:|---:|"
    for task, line in facts.decisions.scores.items():
        yield (
            f"| {task} | {line.slope:.2f} | {line.offset:+.2f} "
            f"| {line.error_before:.2f} | {line.error_after:.2f} |"
        )
    yield ""


def _limits(facts: CardFacts) -> Iterator[str]:
    yield "## 限界"
    yield ""
    for warning in facts.warnings:
        yield f"- {warning}"
    yield (
        "- 学習したレコードと書き方・業種・製品が違う文書では成績が下がります。"
        "導入前に自社の文書で評価してください。"
    )
    if not facts.decisions.calibration:
        yield "- 確率は校正していません。閾値との大小と順位だけに意味があります。"
    yield "- OCR の誤読が学習の文章より多いページでは、見落としが増えます。"
    yield "- スコアは人の付けた値の平均的な傾向を返すもので、1 件ごとの判断の代わりにはなりません。"
    yield ""


def _counts(records: Sequence[Record], task: ClassificationTask) -> Counter[str]:
    counts: Counter[str] = Counter()
    for record in records:
        labels = record.labels.get(task.name)
        if labels is not None:
            counts.update(labels or ([task.other] if task.other is not None else []))
    return counts
