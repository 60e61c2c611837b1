"""The records in parts, so that each part is judged by a network that learned from all the others.

What is judged must be as new to its judge as tomorrow's documents are. Records that are much alike (one form,
one template, one customer's repeated complaint) therefore stay in one part, unless a label would then be
unknown to a judge: of a label with fewer templates than parts each record goes its own way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from nlu.application.application import Application
from nlu.experts.terms import TermFeatures
from nlu.records.record import Record
from nlu.training.sampling import reported

GROUP = "group"
"""The key of a record's `meta` that says which records belong together: a template, a customer, a source."""

# Cosine of terms, on average over the pairs of two groups. The call logs of one template are above, the
# utterances of one dialogue act below.
_ALIKE = 0.3
# With many records two networks on a half each cost as much time as one on all, and judge all records.
_FOLDS, _FOLDS_OF_MANY, _FEW = 3, 2, 2500
# Likeness is a product of all records with all: beyond this number a part is large enough without.
_MOST_COMPARED = 6000


def fold_count(asked: int, records: int) -> int:
    """What `training.folds` means for so many records: 0 leaves it to them."""
    return asked or (_FOLDS if records <= _FEW else _FOLDS_OF_MANY)


def folds(records: Sequence[Record], application: Application, count: int) -> list[list[int]]:
    """The places of `records` in `count` parts, every label spread over them as evenly as groups of like
    records allow; fewer parts where there are fewer groups. The same records give the same parts."""
    said = [reported(record, application) or () for record in records]
    groups = _with_known_labels(situations(records), said, count)
    shares = Counter(label for labels in said for label in labels)
    rarest = [min((shares[label] for label in labels), default=len(records)) for labels in said]
    order = sorted(groups, key=lambda group: (min(rarest[row] for row in group), -len(group), group[0]))
    parts: list[list[int]] = [[] for _ in range(min(count, len(groups)))]
    held: list[Counter[tuple[str, str]]] = [Counter() for _ in parts]
    for group in order:
        labels = Counter(label for row in group for label in said[row])
        crowd = [
            (sum(many * held[place][label] / shares[label] for label, many in labels.items()), len(part))
            for place, part in enumerate(parts)
        ]
        place = crowd.index(min(crowd))
        parts[place] += group
        held[place] += labels
    return [sorted(part) for part in parts]


def _with_known_labels(
    groups: Sequence[list[int]], said: Sequence[Sequence[tuple[str, str]]], count: int
) -> list[list[int]]:
    """The groups, those with a label that stands in fewer than `count` of them taken apart."""
    found = Counter(label for group in groups for label in {label for row in group for label in said[row]})
    rare = {label for label, many in found.items() if many < count}
    parted: list[list[int]] = []
    for group in groups:
        apart = any(label in rare for row in group for label in said[row])
        parted += [[row] for row in group] if apart else [group]
    return parted


def situations(records: Sequence[Record]) -> list[list[int]]:
    """The places of records that tell of one situation: those whose `meta` names the same GROUP, and of the
    others those that are alike."""
    named: dict[str, list[int]] = {}
    nameless: list[int] = []
    for place, record in enumerate(records):
        if record.meta.get(GROUP) is None:
            nameless.append(place)
        else:
            named.setdefault(str(record.meta[GROUP]), []).append(place)
    alike = _alike([records[place].text for place in nameless])
    return [*named.values(), *([nameless[place] for place in group] for group in alike)]


def _alike(texts: Sequence[str]) -> list[list[int]]:
    """Places of texts that are alike (average linkage, Sokal and Michener 1958)."""
    if not 1 < len(texts) <= _MOST_COMPARED:
        return [[place] for place in range(len(texts))]
    rows = TermFeatures.fit(texts).matrix(texts)
    apart = np.clip(1.0 - (rows @ rows.T).toarray().astype(np.float64), 0.0, 1.0)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), "average")
    member = fcluster(tree, 1.0 - _ALIKE, "distance")
    return [[int(row) for row in np.flatnonzero(member == group)] for group in np.unique(member)]
