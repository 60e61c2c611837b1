"""What reading is worth and what it costs: `python -m benchmarks.reading`."""

import os

# Before any library reads them: every reader has one thread, as in a run with one worker a core.
for _variable in ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
