import pytest

from payments.money import from_cents, to_cents


@pytest.mark.parametrize(
    ("amount", "cents"), [(19.99, 1999), (1.15, 115), (0.29, 29), (100_000_000_000, 10**13)]
)
def test_amounts_with_at_most_two_decimals_become_whole_cents(amount: float, cents: int) -> None:
    assert to_cents(amount) == cents


def test_every_amount_of_cents_comes_back_as_it_was() -> None:
    assert all(to_cents(from_cents(cents)) == cents for cents in range(100_000))


@pytest.mark.parametrize("amount", [1.005, 0.001, 0.1 + 0.2, 1e-9])
def test_a_fraction_of_a_cent_is_refused(amount: float) -> None:
    assert to_cents(amount) is None
