"""MariaDB, for the tests that hold the light engine against it."""

import pytest

from simenv.plugins.environments.db.engine.mariadb import missing, private_server


@pytest.fixture(scope="module")
def dsn():
    if reason := missing():
        pytest.skip(reason)
    with private_server() as address:
        yield address
