"""The short form of the fuzzing; the long one is ``python -m tests.openapi``."""

from __future__ import annotations

from tests.browser.site import running_site
from tests.openapi.fuzz import fuzz
from tests.openapi.stage import set_stage

EXAMPLES = 3
SEED = 20261122


def test_every_operation_answers_as_it_is_documented_and_none_breaks(
    database_url: str, redis_url: str
) -> None:
    with running_site(database_url, redis_url) as site:
        report = fuzz(
            site.client.get("/schema/openapi.json").json(),
            site.url,
            lambda: set_stage(site),
            seed_number=SEED,
            examples=EXAMPLES,
        )
    assert not report.findings, "\n".join(report.lines())
    assert report.cases > 300
    # It got past the doors: things were read and made, not only refused.
    assert report.statuses[200] > 50 and report.statuses[201] > 3
