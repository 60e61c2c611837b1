"""A worker process of Beam on this machine that ends with the run it works for.

Beam's own would wait up to a minute for a run that died while it started. Started by Beam, through a shell
that it takes the place of: `python -m pipeline.machines.beam_worker PID`, PID being the run's process.
"""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

from pipeline.supervision.processes import end_with_parent


def environment() -> Any:
    """Beam's environment whose worker processes are these; to be asked for in the process of the run."""
    from apache_beam.transforms.environments import SubprocessSDKEnvironment

    command = f"exec {shlex.quote(sys.executable)} -m pipeline.machines.beam_worker {os.getpid()}"
    return SubprocessSDKEnvironment.from_command_string(command)


def main(arguments: list[str]) -> None:
    end_with_parent(int(arguments[1]))
    from apache_beam.runners.worker import sdk_worker_main

    from nlu.language.light_import import import_spacy_without_torch

    import_spacy_without_torch()
    sdk_worker_main.main(arguments)


if __name__ == "__main__":
    main(sys.argv)
