"""The rule by which ratings are weighed: its numbers and its words, public and versioned.

Whoever changes a number or a formula raises `RULE_VERSION`: reputations and stored weights are
then computed anew (`jobs.accuracy.recomputation`).
"""

from __future__ import annotations

from typing import Final

RULE_VERSION: Final = 1

HALF_LIFE_DAYS: Final = 180.0
"""After so many days a settled rating counts half."""

PRIOR_AGREEMENTS: Final = 2.8
PRIOR_RATINGS: Final = 4.0
"""Everybody begins as if 2.8 of 4 ratings had been right."""

EXPECTED_ACCURACY: Final = PRIOR_AGREEMENTS / PRIOR_RATINGS
"""0.7: who is right more often weighs more than one, who is right less often weighs less."""

WEIGHT_MIN: Final = 0.1
WEIGHT_MAX: Final = 3.0
LOGARITHM_BASE: Final = 4.0

NO_ACCOUNT_FACTOR: Final = 0.5
CHECKED_IN_FACTOR: Final = 1.25

CLUSTER_WEIGHT_MAX: Final = 3.0
"""What a correlated cluster counts on one entry, up and down together."""

CLUSTER_DAYS: Final = 180
"""How long somebody stays in a cluster that is not found again."""

PRIOR_UP: Final = 1.0
PRIOR_WEIGHT: Final = 2.0
"""An entry that nobody has rated stands at one half."""

CONFIRMED_FROM: Final = 0.8
STRUCK_UNTIL: Final = 0.25
DECIDED_FROM_WEIGHT: Final = 4.0
INDEPENDENT_CLUSTERS_MIN: Final = 2

WEIGHT_STEP: Final = 0.025
"""Stored weights are rounded to this: the usual ones (0.5, 0.625, 1, 1.25) stay exact, and one
entry has at most 150 classes of raters per cluster, however many rate it."""

FORMULA: Final = (
    "A rating is settled when the artist seals the setlist, when a recording or another source "
    "is given, or when a curator or the crew vouches for the entry. Votes never settle votes.",
    "a, d: a person's settled ratings that agreed and disagreed, each halved every 180 days",
    "n = a + d",
    "p = (a + 2.8) / (n + 4)",
    "k = (p - 0.7) / 0.3 if p >= 0.7 else (p - 0.7) / 0.7",
    "w = min(3, max(0.1, 1 + k * log4(1 + n)))",
    "times 0.5 without an account, times 1.25 when checked in at the show",
    "A correlated cluster (one device, accounts made together and moving together; never a "
    "shared network address alone) counts at most 3 on one entry.",
    "C = (1 + sum of w that say right) / (2 + sum of all w)",
    "confirmed: C >= 0.8 and sum of w >= 4, from at least two independent clusters",
    "struck: C <= 0.25 and sum of w >= 4",
    "disputed: everything else",
    "The artist's seal wins the display; C and who disagreed stay visible.",
)
"""The rule in words and lines, as it is published."""
