"""Structured logs: one JSON object a line on stdout."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

#: The id of the request that is being answered, for every line that is logged meanwhile.
current_request_id: ContextVar[str | None] = ContextVar("current_request_id", default=None)

_LEVELS = {logging.WARNING: "warn", logging.CRITICAL: "fatal"}


class _JsonFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": time.replace("+00:00", "Z"),
            "level": _LEVELS.get(record.levelno, record.levelname.lower()),
            "service": self._service,
            "message": record.getMessage(),
        }
        if request_id := current_request_id.get():
            line["requestId"] = request_id
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line, separators=(",", ":"))


def set_up_logging(service: str) -> None:
    """Sends everything that is logged, the server's own lines too, to stdout in one shape."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonFormatter(service))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def log(level: int, message: str, **fields: object) -> None:
    """Logs a message with fields of its own."""
    logging.log(level, message, extra={"fields": fields})
