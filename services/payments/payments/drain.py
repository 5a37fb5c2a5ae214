"""How the service leaves without cutting a request off."""

import logging
import time

from .logs import log

# Callers have followed once nothing came for this long.
_QUIET_SECONDS = 0.5
# The door closes after this long even when callers keep coming.
_KEEP_SERVING_SECONDS = 4


class Drain:
    """Knows what is in flight, and when the door may close."""

    def __init__(self) -> None:
        self.draining = False
        self._began_at = 0.0
        self._in_flight = 0
        self._last_activity_at = 0.0

    def begin(self) -> None:
        """From now on: not ready, and every answer closes its connection."""
        if not self.draining:
            self.draining = True
            self._began_at = self._last_activity_at = time.monotonic()
            log(logging.INFO, "draining")

    def __enter__(self) -> None:
        self._in_flight += 1

    def __exit__(self, *_error: object) -> None:
        self._in_flight -= 1
        self._last_activity_at = time.monotonic()

    def is_over(self) -> bool:
        """True once the callers have followed, or have had long enough to."""
        if not self.draining:
            return False
        now = time.monotonic()
        quiet = self._in_flight == 0 and now - self._last_activity_at >= _QUIET_SECONDS
        return quiet or now - self._began_at >= _KEEP_SERVING_SECONDS
