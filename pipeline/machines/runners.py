"""Which machinery runs the pipeline: this process, processes beside it, other hosts, Dataflow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apache_beam.options.pipeline_options import PipelineOptions

# DirectRunner would try to download another runner first; both names mean Beam's own in-process runner.
LOCAL_RUNNERS = ("FnApiRunner", "DirectRunner")
DATAFLOW = "DataflowRunner"


@dataclass(frozen=True, slots=True)
class RunnerChoice:
    """`name` as Beam knows it, `options` passed on to Beam as they are.

    `workers` is the number of processes on this machine, with `hosts` (their addresses, host:port) on each
    of them; a host that is named twice gets twice as many. `submitter` is the address at which the hosts
    reach this machine, None: the one on the way to them.
    """

    name: str = LOCAL_RUNNERS[0]
    workers: int = 1
    options: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    submitter: str | None = None

    @property
    def is_local(self) -> bool:
        """Every worker is a process of this machine."""
        return self.name in LOCAL_RUNNERS and not self.hosts

    @property
    def processes(self) -> int | None:
        """Worker processes on all machines together; None where a service decides."""
        return self.workers * max(1, len(self.hosts)) if self.name in LOCAL_RUNNERS else None


def pipeline_options(choice: RunnerChoice) -> PipelineOptions:
    """Beam's options for the choice; one worker runs in this process, several in processes of their own.

    Raises CommandError where Dataflow lacks an option that it needs.
    """
    from apache_beam.options.pipeline_options import PipelineOptions

    flags: list[str] = list(choice.options)
    if choice.is_local:
        flags += ["--default_sdk_harness_log_level=WARNING"]
    elif choice.name == DATAFLOW:
        from pipeline.machines.dataflow import completed

        flags = [f"--runner={DATAFLOW}", *completed(flags)]
    elif not choice.hosts:
        flags += [f"--runner={choice.name}"]
    return PipelineOptions(flags)


def create_runner(choice: RunnerChoice, lost: Callable[[str], object] | None = None) -> Any:
    """A Beam runner, or its name where Beam makes it from the options.

    `lost` is told of a worker on another host that is gone, after which the run cannot end by itself;
    without it the process ends with ExitCode.WATCHDOG. Raises CommandError where a host's name is unknown.
    """
    if choice.hosts:
        from pipeline.machines.hosts import Hosts, address_towards, end_run
        from pipeline.machines.in_process import InProcessRunner

        hosts = Hosts(choice.hosts, choice.submitter or address_towards(choice.hosts), lost or end_run)
        return InProcessRunner(hosts.environment(), choice.processes)
    if not choice.is_local:
        return choice.name
    from pipeline.machines.in_process import InProcessRunner

    if choice.workers == 1:
        return InProcessRunner()
    from pipeline.machines.beam_worker import environment

    return InProcessRunner(environment(), choice.workers)
