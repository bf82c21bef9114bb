"""Percentiles."""

import pytest

from ops.drill.measure.statistics import percentile, spread


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.5


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.99, 99.01), (1.0, 100.0)])
def test_percentiles_of_one_to_a_hundred(share: float, value: float) -> None:
    assert percentile([float(n) for n in range(1, 101)], share) == pytest.approx(value)


def test_no_values_have_no_percentile() -> None:
    assert spread([]) is None
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_one_value_is_all_of_them() -> None:
    found = spread([7.0])
    assert found is not None
    assert (found.samples, found.p50, found.p99, found.maximum) == (1, 7.0, 7.0, 7.0)
