"""Money as whole cents, in which sums and comparisons are exact."""


def to_cents(amount: float) -> int | None:
    """19.99 as 1999; None when the amount has a fraction of a cent."""
    cents = round(amount * 100)
    return cents if cents / 100 == amount else None


def from_cents(cents: int) -> float:
    """1999 as 19.99."""
    return cents / 100
