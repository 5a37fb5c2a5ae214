"""What the environment says; the README of the service has the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Config:
    port: int
    redis_url: str
    redis_password: str | None = field(repr=False)


def read_config(environment: Mapping[str, str]) -> Config:
    """Reads the environment once, at the start; raises a ValueError that names the variable."""
    port = environment.get("PORT", "5000")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f'PORT must be a port such as 5000, got "{port}".')
    redis_url = environment.get("REDIS_URL", "")
    if not redis_url.startswith(("redis://", "rediss://")):
        raise ValueError("REDIS_URL must be a URL such as redis://127.0.0.1:6379.")
    password_file = environment.get("REDIS_PASSWORD_FILE")
    password = Path(password_file).read_text(encoding="utf-8").rstrip() if password_file else None
    return Config(int(port), redis_url, password)
