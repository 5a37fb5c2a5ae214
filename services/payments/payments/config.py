"""What the environment says; the README of the service has the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Config:
    port: int
    grpc_port: int
    redis_url: str
    redis_password: str | None = field(repr=False)


def _port(environment: Mapping[str, str], name: str, default: str) -> int:
    port = environment.get(name, default)
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f'{name} must be a port such as {default}, got "{port}".')
    return int(port)


def read_config(environment: Mapping[str, str]) -> Config:
    """Reads the environment once, at the start; raises a ValueError that names the variable."""
    port = _port(environment, "PORT", "5000")
    grpc_port = _port(environment, "GRPC_PORT", "5001")
    redis_url = environment.get("REDIS_URL", "")
    if not redis_url.startswith(("redis://", "rediss://")):
        raise ValueError("REDIS_URL must be a URL such as redis://127.0.0.1:6379.")
    password_file = environment.get("REDIS_PASSWORD_FILE")
    password = Path(password_file).read_text(encoding="utf-8").rstrip() if password_file else None
    return Config(port, grpc_port, redis_url, password)
