"""What every room's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Files whose tests take long and share nothing: each test is given to a worker by itself. The tests of any
# other file stay together, with what they share.
ONE_BY_ONE = {"test_e2e_chaos", "test_e2e_commands", "test_ocr_supervised"}
# They watch the clock to the second, so that they have the cores for themselves.
ALONE = {
    "test_pipeline_disk", "test_pipeline_lock", "test_pipeline_logs", "test_pipeline_machines",
    "test_pipeline_process_end", "test_pipeline_strikes", "test_pipeline_versions", "test_pipeline_watchdog",
}  # fmt: skip
# They start processes, train, or read many scans: not what somebody waits for who is writing code.
SLOW = {
    "test_nlu_ablation", "test_nlu_adapt", "test_nlu_encoder", "test_nlu_folds", "test_nlu_label_noise",
    "test_nlu_multitask", "test_nlu_pieces", "test_nlu_training", "test_ocr_engines", "test_ocr_faint_ink",
    "test_ocr_fingerprint", "test_ocr_marks", "test_ocr_perspective", "test_ocr_second_engine",
    "test_ocr_stamps", "test_ocr_supervised", "test_ocr_unexplained", "test_ocr_vertical",
    "test_pipeline_due_survey", "test_pipeline_parting", "test_pipeline_publish",
    "test_pipeline_second_engine",
}  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by their file: how they are spread over workers, and which are left out of a quick run."""
    for item in items:
        file = item.path.stem
        if file not in ONE_BY_ONE:
            item.add_marker(pytest.mark.xdist_group(file))
        if file in ALONE:
            item.add_marker(pytest.mark.alone)
        if file in SLOW | ALONE or item.path.parent.name == "end_to_end":
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real scans and annotated text that stand beside the repository; their licences keep them out of it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the shared scans and data are not beside the repository")
    return folder
