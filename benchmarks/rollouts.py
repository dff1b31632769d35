"""`python -m benchmarks.rollouts`: the promises of rollouts and experiments in full, into benchmarks/rollouts.md.

The production decision code on synthetic traffic, seeds fixed; `tests/unit/traffic` repeats a part of it.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cli.simulation import Behaviour, simulated
from fraud.traffic.sequential.means import bernoulli, difference
from fraud.traffic.sequential.rates import log_evidence

RESULTS = Path(__file__).parent / "rollouts.md"
HARMS = {
    "half of the requests fail, 5 %": (Behaviour(errors=0.5), Behaviour(errors=0.0), 5, 20, 350),
    "one in twenty fails, 5 %": (Behaviour(errors=0.05), Behaviour(errors=0.0), 5, 20, 3600),
    "alerts 0.5 % to 2 %, 10 %": (Behaviour(alerts=0.02), Behaviour(alerts=0.005), 10, 100, 15_000),
}


def main() -> None:
    """Run everything, showing each line as it is done."""
    text = ["# Rollouts and experiments", "", "| what | seen | promised |", "|---|---|---|"]
    for line in lines():
        print(line)
        text.append(line)
    RESULTS.write_text("\n".join(text) + "\n")


def lines() -> Iterator[str]:
    """One table row a promise."""
    same = Behaviour(errors=0.005, alerts=0.02)
    taken = sum(_last(same, same, seed=seed, steps=(5, 25, 50)).verdict.action == "roll_back" for seed in range(1000))
    yield f"| A/A rollouts taken back, of 1,000 looked at every minute | {taken} | at most 10 |"
    for name, (candidate, active, percent, batch, promised) in HARMS.items():
        how = {"steps": (percent, 100), "bake_minutes": 10_000, "requests_per_tick": batch}
        spent = np.quantile([_last(candidate, active, seed=seed, **how).requests for seed in range(400)], 0.95)
        yield f"| requests until taken back, p95 of 400: {name} | {spent:.0f} | at most {promised} |"
    yield from _winners()
    yield f"| clean splits with a mismatch found, of 200 | {_mismatches(0.5)} | 0 |"
    yield f"| splits of 51 to 49 found, of 200 | {_mismatches(0.51)} | most |"


def _winners() -> Iterator[str]:
    random, looks, runs = np.random.default_rng(5), 200, 1000
    arms = random.binomial(250, 0.1, (runs, 2, looks)).cumsum(axis=2)
    n = 250 * np.arange(1, looks + 1)
    found = sum(_won(run, n) for run in arms)
    rates = arms / n
    pooled = rates.mean(axis=1)
    z = (rates[:, 0] - rates[:, 1]) / np.sqrt(np.maximum(2 * pooled * (1 - pooled) / n, 1e-12))
    tested = (np.abs(z) > 1.96).any(axis=1).sum()
    yield f"| false winners of equal arms looked at 200 times, of 1,000 | {found} | at most 50 |"
    yield f"| the same by a re-checked z-test | {tested} | (about 400) |"


def _won(run: Any, n: Any) -> bool:
    arms = ((bernoulli(int(a), int(k)), bernoulli(int(b), int(k))) for a, b, k in zip(*run, n, strict=True))
    looks = (difference(one, other, 0.05) for one, other in arms)
    return any(one.low > 0 or one.high < 0 for one in looks)


def _mismatches(split: float) -> int:
    seen = np.random.default_rng(4).binomial(500, split, (200, 400)).cumsum(axis=1)
    limit = math.log(1000)
    return sum(any(log_evidence(int(x), 500 * (k + 1), 0.5, 100.0) > limit for k, x in enumerate(run)) for run in seen)


def _last(candidate: Behaviour, active: Behaviour, **how: Any) -> Any:
    *_, end = simulated(candidate, active, **how)
    return end


if __name__ == "__main__":
    main()
