"""The short form of the fuzzing; the long one is ``python -m tests.openapi``."""

from __future__ import annotations

from tests.browser.site import Site
from tests.openapi.fuzz import fuzz
from tests.openapi.stage import set_stage
from tests.wire.client import Json

EXAMPLES = 3
SEED = 20261122


def test_every_operation_answers_as_it_is_documented_and_none_breaks(
    site: Site, document: Json
) -> None:
    report = fuzz(document, site.url, lambda: set_stage(site), seed_number=SEED, examples=EXAMPLES)
    assert not report.findings, "\n".join(report.lines())
    assert report.cases > 300
    # It got past the doors: things were read and made, not only refused.
    assert report.statuses[200] > 50 and report.statuses[201] > 3
