"""The API as its own description says it is: tried by Schemathesis, and compared with the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from analyst.answers.saved import save
from analyst.api.document import document
from analyst.api.keys import mint
from analyst.web.app import make_app
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.frontier import open_frontier
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import fill

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 20_260_101,
        "generation": {"mode": "all", "deterministic": True, "database": "none"},
        # Queries, places, zones and addresses are languages of their own: which texts are none, no schema can say.
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "401", "403", "404"]}},
    }
)


class FromHere:
    """The application; what is asked comes from this machine, for the client in the process has no address."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "client": ("127.0.0.1", 50_000)} if scope["type"] == "http" else scope, receive, send)


WRITER = mint("writer", ("read", "write"), NOW)
here = FromHere()
schema = schemathesis.openapi.from_dict(document(), config=CONFIG)
schema.app = here


@pytest.fixture(scope="module", autouse=True)
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starlette]:
    """The web over the filled library and one saved search."""
    made = Settings(
        home=tmp_path_factory.mktemp("home"), secret_key="a secret", api_per_minute=100_000,
        public_url="http://testserver",
    )  # fmt: skip
    with closing(open_archive(made.archive)) as archive, closing(open_frontier(made.frontier)) as frontier:
        fill(archive, frontier)
        save(archive, "Ellery", "ellery", now=NOW)
        archive.create(WRITER[0])
        here.app = app = make_app(made, archive, frontier, now=lambda: NOW)
        yield app


@schema.parametrize()
@settings(
    max_examples=15, deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_the_api_is_what_it_says(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate()


@schema.include(method=["POST", "DELETE"]).parametrize()
@settings(
    max_examples=15, deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_so_it_is_for_who_may_write(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {WRITER[1]}"})
