"""Payments in Redis."""

import json
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError

from .errors import ApiError

T = TypeVar("T")

_DEADLINE_SECONDS = 1

# One step: of two requests with the same key, only one finds it free. Returns the id that holds the key.
_CREATE = """
local earlier = redis.call('GET', KEYS[1])
if earlier then return earlier end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
redis.call('RPUSH', KEYS[3], ARGV[1])
return ARGV[1]
"""


@dataclass(frozen=True)
class Payment:
    id: str
    status: str
    order_id: str
    amount_cents: int


def _payment_key(payment_id: str) -> str:
    return f"payments:payment:{payment_id}"


def _order_key(order_id: str) -> str:
    return f"payments:order:{order_id}"


class PaymentStore:
    """Keeps each payment, and finds it by its id, its idempotency key and its order."""

    def __init__(self, url: str, password: str | None) -> None:
        # Once more: a connection that was idle while Redis restarted is only found broken when it is used.
        retry = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
        deadlines = {"socket_timeout": _DEADLINE_SECONDS, "socket_connect_timeout": _DEADLINE_SECONDS}
        self._redis = Redis.from_url(url, password=password, decode_responses=True, retry=retry, **deadlines)

    async def ping(self) -> None:
        await self._answered(self._redis.ping())

    async def create(self, payment: Payment, idempotency_key: str) -> Payment:
        """Stores the payment, or returns the earlier one that was made with the same key."""
        keys = [f"payments:key:{idempotency_key}", _payment_key(payment.id), _order_key(payment.order_id)]
        arguments = [payment.id, json.dumps(asdict(payment))]
        holder = await self._answered(self._redis.eval(_CREATE, len(keys), *keys, *arguments))
        if holder == payment.id:
            return payment
        [earlier] = await self._read([holder])
        return earlier

    async def find(self, payment_id: str) -> Payment | None:
        return next(iter(await self._read([payment_id])), None)

    async def of_order(self, order_id: str) -> list[Payment]:
        """All payments of an order, the oldest first."""
        ids = await self._answered(self._redis.lrange(_order_key(order_id), 0, -1))
        return await self._read(ids) if ids else []

    async def _read(self, payment_ids: list[str]) -> list[Payment]:
        stored = await self._answered(
            self._redis.mget([_payment_key(payment_id) for payment_id in payment_ids])
        )
        return [Payment(**json.loads(content)) for content in stored if content is not None]

    async def _answered(self, command: Awaitable[T]) -> T:
        try:
            return await command
        except (RedisError, OSError) as cause:
            message = "The store does not answer. Try again in a moment."
            raise ApiError(503, "store_unavailable", message, retry_after_seconds=1) from cause
