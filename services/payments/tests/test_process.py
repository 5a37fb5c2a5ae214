import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from conftest import ROOT, RedisServer, Service, until

BODY = json.dumps({"orderId": "order-1", "amount": 1})


def test_starts_without_redis_and_comes_back_with_it(
    redis: RedisServer, start_service: Callable[[], Service]
) -> None:
    redis.stop()
    service = start_service()
    assert service.status("/healthz") == 200
    assert service.status("/readyz") == 503
    answer, content = service.ask(
        "POST", "/payments", BODY, Content_Type="application/json", Idempotency_Key="k", X_User_Id="ada"
    )
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert content["error"] == "store_unavailable"

    redis.start()
    until(lambda: service.status("/readyz") == 200)
    redis.stop()
    redis.start()
    # The connection that the pool kept is broken now; no request may notice.
    assert service.status("/readyz") == 200


def test_a_redis_that_hangs_is_not_waited_for(
    redis: RedisServer, start_service: Callable[[], Service]
) -> None:
    service = start_service()
    until(lambda: service.status("/readyz") == 200)
    redis.pause()
    started_at = time.monotonic()
    status, _ = service.read("/payments/none")
    took = time.monotonic() - started_at
    redis.resume()
    assert status == 503
    assert took < 3


def test_drains(start_service: Callable[[], Service]) -> None:
    service = start_service()
    until(lambda: service.status("/readyz") == 200)
    kept = service.connect()
    kept.request("GET", "/none")
    before = kept.getresponse()
    before.read()
    assert before.headers["Connection"] is None
    head = (
        "POST /payments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: slow\r\nX-User-Id: ada\r\n"
        f"Expect: 100-continue\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as under_way:
        under_way.sendall(head.encode())
        assert under_way.recv(100).startswith(b"HTTP/1.1 100")

        started_at = time.monotonic()
        service.terminate()
        until(lambda: service.status("/readyz") == 503)
        kept.request("GET", "/none")
        during = kept.getresponse()
        assert during.status == 404
        assert during.headers["Connection"] == "close"

        under_way.sendall(BODY.encode())
        answer = under_way.recv(1000)
    assert answer.startswith(b"HTTP/1.1 201")
    assert b"connection: close" in answer.lower()
    assert service.process.wait(10) == 0
    assert time.monotonic() - started_at < 10


def test_silent_connections_do_not_keep_it_from_stopping(start_service: Callable[[], Service]) -> None:
    service = start_service()
    with socket.create_connection(("127.0.0.1", service.port)):
        service.terminate()
        assert service.process.wait(5) == 0


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "REDIS_URL must be a URL such as redis://127.0.0.1:6379."),
        ({"PORT": "http"}, 'PORT must be a port such as 5000, got "http".'),
        ({"GRPC_PORT": "0"}, 'GRPC_PORT must be a port such as 5001, got "0".'),
    ],
)
def test_an_environment_that_is_not_usable_ends_it_with_a_sentence(environment: dict, message: str) -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "main.py"], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert json.loads(run.stdout)["message"] == message
