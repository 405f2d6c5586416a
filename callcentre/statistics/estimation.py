"""How sure a share or a mean is: 95 % confidence intervals, and the percentile of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

Z = 1.9599639845400536
"""Between its negative and itself lie 95 % of a normal distribution. Python's `statistics` takes 10 ms to import."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true value lies with 95 % confidence."""

    low: float
    high: float


def wilson(successes: int, trials: int) -> Interval:
    """The score interval of a share, both ends from 0 to 1; `trials` is 1 or more.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American
    Statistical Association 22 (1927), 209-212. It holds for few trials and for shares near 0 and 1 as well.
    """
    share = successes / trials
    weight = 1 + Z**2 / trials
    centre = (share + Z**2 / (2 * trials)) / weight
    half = Z / weight * sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t distribution; `freedom` is 1 or more.

    M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions" (1964), 26.7.5: four terms of its expansion,
    within 0.01 from three degrees of freedom on. For one and two the distribution can be solved.
    """
    if freedom == 1:
        return 12.706205
    if freedom == 2:
        return 4.302653
    z = Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(freedom**power) for power, term in enumerate(terms, 1))


def mean(counts: Mapping[float, int]) -> float:
    """The mean of values, each so many times; there is one at least."""
    return sum(value * count for value, count in counts.items()) / sum(counts.values())


def mean_interval(counts: Mapping[float, int], low: float, high: float) -> Interval | None:
    """Of a mean: mean ± t × s ÷ √n, kept within `low` and `high`; None for fewer than two values.

    Student (W. S. Gosset), "The Probable Error of a Mean", Biometrika 6 (1908), 1-25. It is too narrow for a few values
    that are all the same.
    """
    n = sum(counts.values())
    if n < 2:
        return None
    centre = mean(counts)
    variance = sum(count * (value - centre) ** 2 for value, count in counts.items()) / (n - 1)
    half = student(n - 1) * sqrt(variance / n)
    return Interval(max(low, centre - half), min(high, centre + half))


def percentile(ordered: Sequence[int], share: float) -> int:
    """The smallest of the values, in order, that at least this share of them does not exceed (nearest rank)."""
    return ordered[max(0, ceil(len(ordered) * share) - 1)]
