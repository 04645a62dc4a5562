"""A short accuracy gate: the shipped model on the seed articles and the behaviour suite, against floors it must not fall below.

The floors stand 0.02 to 0.03 under what the shipped model measures, the room of a new model that reads as well: they catch a broken
model or lexicon, they are no target.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import escalate

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {"seed articles on their side of 0.5": 0.72, "behaviour: pairs ranked rightly": 0.95, "behaviour: single cases": 0.83}


def seed_rate() -> float:
    """Return the share of seed articles on their own side of 0.5."""
    right = []
    for path in sorted((ROOT / "seeds").glob("[a-z]*.md")):
        _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
        label = tomllib.loads(front)
        score = escalate.score(f"{label['title']}\n\n{body.strip()}")
        right.append((score > 0.5) == bool(label["escal"]))
    return sum(right) / len(right)


def behaviour_rates() -> tuple[float, float]:
    """Return the share of pairs ranked rightly, and of single cases on their side of 0.5."""
    pairs, singles = [], []
    for path in sorted((ROOT / "tests" / "behaviour").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            if "higher" in case:
                pairs.append(escalate.score(case["higher"]) > escalate.score(case["lower"]))
            elif "expect" in case:
                singles.append((escalate.score(case["text"]) > 0.5) == (case["expect"] == "escalation"))
    return sum(pairs) / len(pairs), sum(singles) / len(singles)


def main() -> int:
    """Print the rates and say whether all stand above their floors."""
    rates = dict(zip(FLOORS, (seed_rate(), *behaviour_rates()), strict=True))
    for name, rate in rates.items():
        print(f"{name}: {rate:.3f} (floor {FLOORS[name]:.2f})")
    return int(any(rate < FLOORS[name] for name, rate in rates.items()))


if __name__ == "__main__":
    sys.exit(main())
