"""The patients' logs, made once for all tests of studies."""

import pytest

from tests.study.support import MORE, PATIENTS, make_log
from timeline.log import Log


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Log:
    return make_log(tmp_path_factory.mktemp("trial"), PATIENTS)


@pytest.fixture(scope="session")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Log:
    return make_log(tmp_path_factory.mktemp("larger"), MORE)
