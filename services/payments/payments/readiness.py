"""Whether this instance can serve, as /readyz and the health of gRPC tell it."""

from .drain import Drain
from .errors import ApiError
from .store import PaymentStore


class Readiness:
    def __init__(self, store: PaymentStore, drain: Drain) -> None:
        self._store = store
        self._drain = drain

    async def require(self) -> None:
        """Raises the answer for the caller when it cannot."""
        if self._drain.draining:
            raise ApiError(503, "draining", "This instance is about to stop.")
        await self._store.ping()

    async def holds(self) -> bool:
        try:
            await self.require()
        except ApiError:
            return False
        return True
