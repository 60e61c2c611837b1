"""Beam's in-process runner, fitted to machines of one's own."""

from __future__ import annotations

from typing import Any

from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms.environments import Environment


class InProcessRunner(FnApiRunner):  # type: ignore[misc]
    """`environment` and `workers`: where steps run and in how many processes; by Beam's options without."""

    def __init__(self, environment: Environment | None = None, workers: int | None = None) -> None:
        super().__init__(environment)
        self._asked = workers

    def run_via_runner_api(self, pipeline_proto: Any, options: Any) -> Any:
        # The options know a number of workers only together with a place of their own.
        if self._asked:
            self._num_workers = self._asked
        # Steps with other hints would get worker processes of their own beside the rest.
        for environment in pipeline_proto.components.environments.values():
            environment.resource_hints.clear()
        return super().run_via_runner_api(pipeline_proto, options)
