from collections.abc import Iterator

import pytest

from tests.adapters.webchat.standin import Served, StandIn, serving


@pytest.fixture
def core() -> StandIn:
    return StandIn()


@pytest.fixture
def server(core: StandIn) -> Iterator[Served]:
    with serving(core) as server:
        yield server
