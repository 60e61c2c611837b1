"""What a night looks for beside the labels of models: names and figures, and what of them is hidden."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nlu.application.application import Application
from nlu.entities.entity import Group
from nlu.entities.lists import ListedName


@dataclass(frozen=True, slots=True)
class EntityRules:
    """What the applications of a run ask for together, the same for all its documents: a paper that one of
    them may not show is published by none.

    `published`: whether the table `entities` is filled; `model`: whether GiNZA's model is asked, too;
    `listed`: the companies' own names; `hidden`: the groups that no published text shows.
    """

    published: bool = False
    model: bool = False
    listed: tuple[ListedName, ...] = ()
    hidden: frozenset[Group] = frozenset()

    @property
    def wanted(self) -> bool:
        return self.published or bool(self.hidden)

    def content(self) -> dict[str, Any]:
        """All that rows depend on, as JSON takes it."""
        return {**dataclasses.asdict(self), "hidden": sorted(self.hidden)}


NO_ENTITIES = EntityRules()


def entity_rules(applications: Iterable[Application]) -> EntityRules:
    """The rules of a run: what any of its applications asks for."""
    asked = list(applications)
    return EntityRules(
        published=any(one.settings.entities.enabled for one in asked),
        model=any(one.settings.entities.model for one in asked),
        listed=tuple(dict.fromkeys(name for one in asked for name in one.listed)),
        hidden=frozenset(Group(group) for one in asked for group in one.settings.privacy.hide),
    )
