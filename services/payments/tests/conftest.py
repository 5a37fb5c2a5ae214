"""A real Redis and the service as a process of its own, seen only from outside."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import grpc
import pytest

ROOT = Path(__file__).parent.parent

# The image's build makes them likewise.
_PROTOC = [sys.executable, "-m", "grpc_tools.protoc", "-I", ROOT, "--python_out", ROOT, "--grpc_python_out", ROOT]
subprocess.run([*_PROTOC, ROOT / "payments.proto"], check=True)


#: What the gateway says of an administrator.
ADMIN = '["admin"]'


def until(condition: Callable[[], bool], limit_seconds: float = 10) -> None:
    """Waits for a condition."""
    end = time.monotonic() + limit_seconds
    while not condition():
        assert time.monotonic() < end, f"not within {limit_seconds} s"
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except OSError:
        return False


class RedisServer:
    """Redis on a loopback port of its own, which can be stopped and started again."""

    password = "a password of the tests"

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        flags = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "requirepass": self.password}
        options = [part for name, value in flags.items() for part in (f"--{name}", value)]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        until(lambda: accepts(self.port))

    def pause(self) -> None:
        """Holds Redis still, as a machine that hangs does."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Service:
    """The service as its callers know it."""

    def __init__(self, environment: dict[str, str], log_file: Path) -> None:
        self.port = free_port()
        self.grpc_port = free_port()
        self._log_file = log_file
        ports = {"PORT": str(self.port), "GRPC_PORT": str(self.grpc_port)}
        env = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **ports, **environment}
        command = [sys.executable, str(ROOT / "main.py")]
        self.process = subprocess.Popen(command, env=env, stdout=log_file.open("w"), cwd="/")

    def started(self) -> "Service":
        until(lambda: accepts(self.port))
        return self

    def log(self) -> list[dict]:
        return [json.loads(line) for line in self._log_file.read_text().splitlines()]

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=10)

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[HTTPResponse, dict]:
        """Underscores in the names of headers stand for dashes."""
        connection = self.connect()
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        content = json.loads(answer.read())
        connection.close()
        return answer, content

    def pay(self, body: dict | str, key: str, **headers: str) -> tuple[int, dict]:
        text = body if isinstance(body, str) else json.dumps(body)
        fixed = {"Content_Type": "application/json", "Idempotency_Key": key, "X_User_Id": "ada"}
        answer, content = self.ask("POST", "/payments", text, **{**fixed, **headers})
        return answer.status, content

    def read(self, path: str, user: str = "ada", roles: str = "[]") -> tuple[int, dict]:
        answer, content = self.ask("GET", path, X_User_Id=user, X_User_Roles=roles)
        return answer.status, content

    def of_order(self, order_id: str) -> dict:
        return self.read(f"/payments?orderId={order_id}", "root", ADMIN)[1]

    @contextmanager
    def channel(self) -> Iterator[grpc.Channel]:
        with grpc.insecure_channel(f"127.0.0.1:{self.grpc_port}") as channel:
            yield channel

    def status(self, path: str) -> int:
        return self.ask("GET", path)[0].status

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server on the PATH")
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def start_service(
    redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Service]]:
    services: list[Service] = []
    directory = tmp_path_factory.mktemp("payments")
    password_file = directory / "redis-password"
    password_file.write_text(f"{redis.password}\n")
    environment = {"REDIS_URL": redis.url, "REDIS_PASSWORD_FILE": str(password_file)}

    def start() -> Service:
        services.append(Service(environment, directory / f"log-{len(services)}"))
        return services[-1].started()

    yield start
    for service in services:
        service.stop()


@pytest.fixture(scope="module")
def service(start_service: Callable[[], Service]) -> Service:
    """One that all tests of a file share, and none of them stops."""
    service = start_service()
    until(lambda: service.status("/readyz") == 200)
    return service
