"""Intervals and percentiles, against values known elsewhere."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.statistics.estimation import Z, mean, mean_interval, percentile, student, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # R. G. Newcombe, "Two-Sided Confidence Intervals for the Single Proportion", Statistics in Medicine 17 (1998),
        # Table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_that_of_wilson(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson(successes, trials)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(1, 10_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_the_interval_of_a_share_holds_it_and_stays_from_0_to_1(counted: tuple[int, int]) -> None:
    successes, trials = counted
    found = wilson(successes, trials)
    assert 0 <= found.low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= found.high <= 1


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (5, 2.5706), (10, 2.2281), (30, 2.0423), (120, 1.9799)],
)
def test_student_s_quantile_is_that_of_the_tables(freedom: int, quantile: float) -> None:
    assert student(freedom) == pytest.approx(quantile, abs=0.01)


def test_the_quantile_of_the_normal_distribution_is_that_of_python() -> None:
    assert pytest.approx(NormalDist().inv_cdf(0.975), rel=1e-15) == Z


def test_the_interval_of_a_mean_is_that_of_student() -> None:
    # Mean 5, s = √2.5, t = 2.7764 with four degrees of freedom: 5 ± 1.963.
    found = mean_interval({3: 1, 4: 1, 5: 1, 6: 1, 7: 1}, 1, 7)
    assert found is not None
    assert [found.low, found.high] == pytest.approx([3.037, 6.963], abs=0.01)


def test_one_answer_tells_nothing_of_the_others() -> None:
    assert mean_interval({5: 1}, 1, 7) is None


MARKS = st.dictionaries(st.sampled_from([-100.0, 0.0, 100.0]), st.integers(1, 50), min_size=1)


@given(MARKS)
def test_the_net_promoter_score_and_its_interval_stay_within_their_bounds(marks: dict[float, int]) -> None:
    score = mean(marks)
    assert -100 <= score <= 100
    found = mean_interval(marks, -100, 100)
    if found is not None:
        assert -100 <= found.low <= score + 1e-9
        assert score - 1e-9 <= found.high <= 100


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.1, 1), (0.11, 2), (0.5, 5), (0.9, 9), (0.91, 10), (1.0, 10)]
)
def test_a_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile(range(1, 11), share) == expected
