"""How an order is paid, whichever way it was asked for."""

import uuid

from .store import Payment, PaymentStore

#: Of order ids and idempotency keys.
TOKEN_PATTERN = r"[A-Za-z0-9._:-]{1,128}"
USER_PATTERN = r"[A-Za-z0-9_-]{1,64}"
MAX_AMOUNT_CENTS = 10**13

# The shop has no real bank: what costs more than this is declined.
_DECLINE_ABOVE_CENTS = 10_000 * 100


class KeyReused(Exception):
    """The user has used the idempotency key before, for another order or amount."""


async def pay(
    store: PaymentStore, user_id: str, order_id: str, amount_cents: int, idempotency_key: str
) -> Payment:
    """Pays once for each key of a user, and returns that one payment however often it is asked."""
    status = "declined" if amount_cents > _DECLINE_ABOVE_CENTS else "paid"
    asked = Payment(str(uuid.uuid4()), status, user_id, order_id, amount_cents)
    payment = await store.create(asked, idempotency_key)
    if (payment.order_id, payment.amount_cents) != (order_id, amount_cents):
        raise KeyReused
    return payment
