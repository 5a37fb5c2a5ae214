"""For whom a request is made."""

import json
import re
from dataclasses import dataclass

from fastapi import Request

from .errors import ApiError
from .payment import USER_PATTERN

_ADMIN = "admin"


@dataclass(frozen=True)
class Caller:
    user_id: str
    is_admin: bool


def caller_of(request: Request) -> Caller:
    """The gateway says it, from the token that it checked, and lets nobody else: it takes these headers out of every request."""
    user_id = request.headers.get("x-user-id", "")
    if not re.fullmatch(USER_PATTERN, user_id):
        message = "Log in, and send the token as Authorization: Bearer <token>."
        raise ApiError(401, "unauthorized", message)
    return Caller(user_id, _ADMIN in _roles(request.headers.get("x-user-roles", "[]")))


def _roles(header: str) -> list[str]:
    try:
        roles = json.loads(header)
    except ValueError:
        return []
    return roles if isinstance(roles, list) else []


def admin_of(request: Request) -> Caller:
    """The same, of an administrator."""
    caller = caller_of(request)
    if not caller.is_admin:
        raise ApiError(403, "forbidden", f"This needs the role {_ADMIN}.")
    return caller
