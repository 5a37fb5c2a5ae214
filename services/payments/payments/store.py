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

# One step: of two requests with the same key, only one finds it free. Returns the id that holds the key. The time is in
# microseconds, and text: Lua would round the number.
_CREATE = """
local earlier = redis.call('GET', KEYS[1])
if earlier then return earlier end
local time = redis.call('TIME')
local now = time[1] .. string.format('%06d', time[2])
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
for list = 3, #KEYS do redis.call('ZADD', KEYS[list], now, ARGV[1]) end
return ARGV[1]
"""

# The ids behind one of a list, or from its start, the newest first.
_PAGE = """
local start = 0
if ARGV[1] ~= '' then
  local rank = redis.call('ZREVRANK', KEYS[1], ARGV[1])
  if not rank then return {} end
  start = rank + 1
end
return redis.call('ZREVRANGE', KEYS[1], start, start + ARGV[2] - 1)
"""

#: Where every payment is listed.
ALL = "payments:all"


@dataclass(frozen=True)
class Payment:
    id: str
    status: str
    user_id: str
    order_id: str
    amount_cents: int


def _payment_key(payment_id: str) -> str:
    return f"payments:payment:{payment_id}"


def of_order(order_id: str) -> str:
    """Where the payments of an order are listed."""
    return f"payments:order:{order_id}"


def of_user(user_id: str) -> str:
    """Where the payments of a user are listed."""
    return f"payments:user:{user_id}"


class PaymentStore:
    """Keeps each payment, and finds it by its id, by its user's idempotency key, and in its lists."""

    def __init__(self, url: str, password: str | None) -> None:
        # Once more: a connection that was idle while Redis restarted is only found broken when it is used.
        retry = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
        deadlines = {"socket_timeout": _DEADLINE_SECONDS, "socket_connect_timeout": _DEADLINE_SECONDS}
        self._redis = Redis.from_url(url, password=password, decode_responses=True, retry=retry, **deadlines)

    async def ping(self) -> None:
        await self._answered(self._redis.ping())

    async def create(self, payment: Payment, idempotency_key: str) -> Payment:
        """Stores the payment, or returns the earlier one that its user made with the same key."""
        # The id of a user has no colon, so no two users come to the same key.
        key = f"payments:key:{payment.user_id}:{idempotency_key}"
        lists = [ALL, of_user(payment.user_id), of_order(payment.order_id)]
        keys = [key, _payment_key(payment.id), *lists]
        arguments = [payment.id, json.dumps(asdict(payment))]
        holder = await self._answered(self._redis.eval(_CREATE, len(keys), *keys, *arguments))
        if holder == payment.id:
            return payment
        [earlier] = await self._read([holder])
        return earlier

    async def find(self, payment_id: str) -> Payment | None:
        return next(iter(await self._read([payment_id])), None)

    async def page(self, listed: str, count: int, before: str = "") -> list[Payment]:
        """At most `count` payments of a list, the newest first; only older ones than `before`, where that is given."""
        ids = await self._answered(self._redis.eval(_PAGE, 1, listed, before, count))
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
