import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from conftest import RedisServer, Service, until
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from payments_pb2 import DESCRIPTOR, PAYMENT_STATUS_DECLINED, PAYMENT_STATUS_PAID, Payment, PayRequest
from payments_pb2_grpc import PaymentsStub

NAME = "flotilla.shop.payments.v1.Payments"


@pytest.fixture(scope="module")
def payments(service: Service) -> Iterator[PaymentsStub]:
    with service.channel() as channel:
        yield PaymentsStub(channel)


def ask(order_id: str, amount_cents: int, key: str, user: str = "ada") -> PayRequest:
    return PayRequest(order_id=order_id, amount_cents=amount_cents, idempotency_key=key, user_id=user)


def health_of(service: Service, name: str = "") -> int:
    with service.channel() as channel:
        return HealthStub(channel).Check(HealthCheckRequest(service=name), timeout=5).status


def test_a_payment_made_by_grpc_is_the_one_that_http_shows(service: Service, payments: PaymentsStub) -> None:
    payment = payments.Pay(ask("order-1", 1999, "key-1"), timeout=5)
    assert payment == Payment(
        id=payment.id, status=PAYMENT_STATUS_PAID, order_id="order-1", amount_cents=1999
    )
    shown = {"id": payment.id, "status": "paid", "userId": "ada", "orderId": "order-1", "amount": 19.99}
    assert service.of_order("order-1") == {"payments": [shown]}


def test_a_key_means_the_same_by_grpc_and_by_http(service: Service, payments: PaymentsStub) -> None:
    first = payments.Pay(ask("order-2", 110, "both"), timeout=5)
    assert payments.Pay(ask("order-2", 110, "both"), timeout=5) == first
    assert service.pay({"orderId": "order-2", "amount": 1.1}, "both")[1]["id"] == first.id


def test_what_costs_too_much_is_declined(payments: PaymentsStub) -> None:
    assert payments.Pay(ask("order-3", 1_000_000, "limit"), timeout=5).status == PAYMENT_STATUS_PAID
    assert payments.Pay(ask("order-3", 1_000_001, "above"), timeout=5).status == PAYMENT_STATUS_DECLINED


def test_of_many_calls_with_one_key_at_the_same_time_one_pays(
    service: Service, payments: PaymentsStub
) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers = list(
            threads.map(lambda _: payments.Pay(ask("order-4", 700, "race"), timeout=5), range(20))
        )
    assert len({payment.id for payment in answers}) == 1
    assert len(service.of_order("order-4")["payments"]) == 1


TOKEN = 'must be 1 to 128 letters, digits, ".", "_", ":" or "-"'
USER = 'must be 1 to 64 letters, digits, "_" or "-"'
AMOUNT = "amount_cents must be from 1 to 10000000000000, got"


@pytest.mark.parametrize(
    ("request_", "code", "details"),
    [
        (PayRequest(), grpc.StatusCode.INVALID_ARGUMENT, f"order_id {TOKEN}"),
        (ask("a b", 1, "k"), grpc.StatusCode.INVALID_ARGUMENT, f"order_id {TOKEN}"),
        (ask("o", 1, ""), grpc.StatusCode.INVALID_ARGUMENT, f"idempotency_key {TOKEN}"),
        (ask("o", 1, "x" * 129), grpc.StatusCode.INVALID_ARGUMENT, f"idempotency_key {TOKEN}"),
        (ask("o", 0, "k"), grpc.StatusCode.INVALID_ARGUMENT, f"{AMOUNT} 0"),
        (ask("o", 10**13 + 1, "k"), grpc.StatusCode.INVALID_ARGUMENT, f"{AMOUNT} 10000000000001"),
        (ask("o", 1, "k", ""), grpc.StatusCode.INVALID_ARGUMENT, f"user_id {USER}"),
        (ask("o", 1, "k", "a:b"), grpc.StatusCode.INVALID_ARGUMENT, f"user_id {USER}"),
        (
            ask("order-5", 2, "taken"),
            grpc.StatusCode.ALREADY_EXISTS,
            "idempotency_key was used before for another order or amount. Write a new one.",
        ),
    ],
)
def test_what_is_wrong_is_refused_and_named(
    payments: PaymentsStub, request_: PayRequest, code: grpc.StatusCode, details: str
) -> None:
    payments.Pay(ask("order-5", 1, "taken"), timeout=5)
    with pytest.raises(grpc.RpcError) as refusal:
        payments.Pay(request_, timeout=5)
    assert (refusal.value.code(), refusal.value.details()) == (code, details)


def test_a_call_is_logged_with_the_id_that_came_with_it(service: Service, payments: PaymentsStub) -> None:
    _, call = payments.Pay.with_call(
        ask("order-6", 1, "log"), timeout=5, metadata=[("x-request-id", "grpc-1")]
    )
    assert dict(call.trailing_metadata())["x-request-id"] == "grpc-1"
    with pytest.raises(grpc.RpcError):
        payments.Pay(ask("", 1, "log"), timeout=5, metadata=[("x-request-id", "grpc-2")])

    def line(request_id: str) -> dict:
        until(lambda: any(line.get("requestId") == request_id for line in service.log()))
        [line] = [line for line in service.log() if line.get("requestId") == request_id]
        return {key: line[key] for key in ("level", "message", "method", "route", "status")}

    logged = {"level": "info", "message": "request", "method": "POST", "route": f"/{NAME}/Pay"}
    assert line("grpc-1") == {**logged, "status": "OK"}
    assert line("grpc-2") == {**logged, "status": "INVALID_ARGUMENT"}


def test_reflection_tells_the_services_and_what_they_take(service: Service) -> None:
    with service.channel() as channel:
        reflected = ProtoReflectionDescriptorDatabase(channel)
        assert sorted(reflected.get_services()) == [
            NAME,
            "grpc.health.v1.Health",
            "grpc.reflection.v1alpha.ServerReflection",
        ]
        described = DescriptorPool(reflected).FindServiceByName(NAME)
    assert described.file.serialized_pb == DESCRIPTOR.serialized_pb


def test_health_follows_the_store(redis: RedisServer, start_service: Callable[[], Service]) -> None:
    service = start_service()
    for name in ("", NAME):
        until(lambda: health_of(service, name) == HealthCheckResponse.SERVING)
    redis.stop()
    until(lambda: health_of(service, NAME) == HealthCheckResponse.NOT_SERVING)
    with service.channel() as channel, pytest.raises(grpc.RpcError) as refusal:
        PaymentsStub(channel).Pay(ask("order-7", 1, "away"), timeout=5)
    assert refusal.value.code() == grpc.StatusCode.UNAVAILABLE
    assert refusal.value.details() == "The store does not answer. Try again in a moment."
    redis.start()
    until(lambda: health_of(service, NAME) == HealthCheckResponse.SERVING)


def test_drains(redis: RedisServer, start_service: Callable[[], Service]) -> None:
    service = start_service()
    until(lambda: health_of(service) == HealthCheckResponse.SERVING)
    with service.channel() as channel:
        payments = PaymentsStub(channel)
        watching = HealthStub(channel).Watch(HealthCheckRequest(), timeout=20)
        assert next(watching).status == HealthCheckResponse.SERVING
        redis.pause()
        under_way = payments.Pay.future(ask("order-8", 1, "slow"), timeout=20)
        # On the same connection: once it is answered, the call before it is under way.
        HealthStub(channel).Check(HealthCheckRequest(), timeout=5)
        started_at = time.monotonic()
        service.terminate()
        assert next(watching).status == HealthCheckResponse.NOT_SERVING
        late = payments.Pay.future(ask("order-9", 1, "late"), timeout=20)
        redis.resume()
        assert under_way.result().order_id == "order-8"
        assert late.result().order_id == "order-9"
        assert service.process.wait(10) == 0
        assert time.monotonic() - started_at < 10
        with pytest.raises(grpc.RpcError) as refusal:
            payments.Pay(ask("order-10", 1, "gone"), timeout=5)
    assert refusal.value.code() == grpc.StatusCode.UNAVAILABLE
    assert [line for line in service.log() if line["level"] in ("warn", "error")] == []
