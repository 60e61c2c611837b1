"""Which machinery runs the pipeline: this process, processes beside it, a job service, Dataflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apache_beam.options.pipeline_options import PipelineOptions

# DirectRunner would try to download another runner first; both names mean Beam's own in-process runner.
LOCAL_RUNNERS = ("FnApiRunner", "DirectRunner")


@dataclass(frozen=True, slots=True)
class RunnerChoice:
    """`name` as Beam knows it, `workers` local processes, `options` passed on to Beam as they are."""

    name: str = LOCAL_RUNNERS[0]
    workers: int = 1
    options: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        return self.name in LOCAL_RUNNERS


def pipeline_options(choice: RunnerChoice) -> PipelineOptions:
    """Beam's options for the choice; one worker runs in this process, several in processes of their own."""
    from apache_beam.options.pipeline_options import PipelineOptions

    flags: list[str] = list(choice.options)
    if choice.is_local:
        mode = "multi_processing" if choice.workers > 1 else "in_memory"
        flags += [f"--direct_num_workers={choice.workers}", f"--direct_running_mode={mode}"]
    else:
        flags += [f"--runner={choice.name}"]
    return PipelineOptions(flags)


def create_runner(choice: RunnerChoice) -> Any:
    """A Beam runner, or its name where Beam makes it from the options."""
    if not choice.is_local:
        return choice.name
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    return FnApiRunner()
