"""What every request gets, whatever it asks for: an id, a line in the log, a limit, a place in the drain."""

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .drain import Drain
from .errors import ApiError
from .logs import current_request_id, log

PROBE_PATHS = frozenset({"/healthz", "/readyz"})
BODY_LIMIT_BYTES = 64 * 1024
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def sane_request_id(given: str) -> str:
    """The id that came with a request where it can be used, else a new one."""
    return given if _SANE_REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _limited(receive: Receive) -> Receive:
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_LIMIT_BYTES:
            raise ApiError(413, "body_too_large", "The body must not be larger than 64 KiB.")
        return message

    return receive_limited


class Requests:
    """Wraps the application from outside, so that its own faults are seen too."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = sane_request_id(Headers(scope=scope).get("x-request-id", ""))
        current_request_id.set(request_id)
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                if self._drain.draining:
                    headers["connection"] = "close"
            await send(message)

        if scope["path"] in PROBE_PATHS:
            await self._app(scope, receive, send_marked)
            return
        started_at = time.monotonic()
        with self._drain:
            try:
                await self._app(scope, _limited(receive), send_marked)
            finally:
                # The route's pattern, not the address that was asked for: that may hold what a user typed.
                route = getattr(scope.get("route"), "path", "none")
                duration_ms = round((time.monotonic() - started_at) * 1000)
                log(
                    logging.INFO,
                    "request",
                    method=scope["method"],
                    route=route,
                    status=status,
                    durationMs=duration_ms,
                )
