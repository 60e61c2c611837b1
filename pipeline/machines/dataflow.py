"""What Dataflow is told: the options that must be given, and those that are right for this pipeline.

`docs/dataflow.md` gives the commands, and the reasons for the machine type.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.errors import CommandError

if TYPE_CHECKING:
    from apache_beam.options.pipeline_options import PipelineOptions

# Each with what it says and an example.
_REQUIRED = {
    "project": ("プロジェクト", "my-project"),
    "region": ("リージョン", "asia-northeast1"),
    "temp_location": ("一時ファイルの置き場所", "gs://BUCKET/temp"),
    "sdk_container_image": ("ワーカーのイメージ", "REGION-docker.pkg.dev/PROJECT/yomitori/worker:0.1.0"),
}
_MACHINE_TYPE = "n2-standard-8"
_DEFAULTS = {
    "machine_type": _MACHINE_TYPE,
    "max_num_workers": "10",  # the service's own bound is a hundred times as much, and so is the bill
    "disk_size_gb": "50",  # the image unpacked, and the pages being drawn
    "number_of_worker_harness_threads": "1",  # a process works on one page; threads in it would only wait
    "sdk_location": "container",  # the image holds Beam: nothing is installed when a worker starts
}
_SAME = {"worker_machine_type": "machine_type"}
_GIB_A_PROCESS = 2.5  # measured peak of a worker process with its reading child: 2.35
_VCPUS = re.compile(r"-(?:custom-)?(\d+)(?:-\d+)?(?:-ext)?$")


def completed(options: Sequence[str]) -> tuple[str, ...]:
    """The operator's options (`--name=value` or `--name value`) and the defaults of those not given.

    Raises CommandError naming every required option that is missing.
    """
    given = {option[2:].split("=", 1)[0] for option in options if option.startswith("--")}
    given |= {_SAME[name] for name in given if name in _SAME}
    if missing := [name for name in _REQUIRED if name not in given]:
        lines = "".join(f"\n  --{name}={_REQUIRED[name][1]}（{_REQUIRED[name][0]}）" for name in missing)
        raise CommandError(f"Dataflow に必要なオプションがありません。「--」のあとに加えてください:{lines}")
    defaults = tuple(f"--{name}={value}" for name, value in _DEFAULTS.items() if name not in given)
    return (*options, *defaults)


def memory_of_a_machine(options: PipelineOptions) -> str:
    """The resource hint `min_ram` of the steps that fill their process: Dataflow counts a machine's whole
    memory, and starts one process for each of its vCPUs."""
    from apache_beam.options.pipeline_options import WorkerOptions

    machine_type = options.view_as(WorkerOptions).machine_type or _MACHINE_TYPE
    vcpus = _VCPUS.search(machine_type)
    return f"{math.ceil(_GIB_A_PROCESS * int(vcpus[1]))}GiB" if vcpus else f"{math.ceil(_GIB_A_PROCESS)}GiB"
