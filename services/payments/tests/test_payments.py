import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import ADMIN, Service, until


def test_a_payment_is_made_and_found_by_id_and_by_order(service: Service) -> None:
    status, payment = service.pay({"orderId": "order-1", "amount": 59.97}, "key-1")
    assert status == 201
    shown = {"id": payment["id"], "status": "paid", "userId": "ada", "orderId": "order-1", "amount": 59.97}
    assert payment == shown
    assert service.read(f"/payments/{payment['id']}") == (200, payment)

    _, second = service.pay({"orderId": "order-1", "amount": 3}, "key-2")
    assert service.of_order("order-1") == {"payments": [second, payment]}
    assert service.of_order("order-none") == {"payments": []}


@pytest.mark.parametrize(("amount", "status"), [(10_000, "paid"), (10_000.01, "declined")])
def test_what_costs_too_much_is_declined(service: Service, amount: float, status: str) -> None:
    assert service.pay({"orderId": "order-2", "amount": amount}, f"limit-{amount}")[1]["status"] == status


def test_the_same_key_is_the_same_payment(service: Service) -> None:
    body = {"orderId": "order-3", "amount": 1.1}
    first = service.pay(body, "same")
    assert first[0] == 201
    assert service.pay(body, "same") == first


def test_of_many_requests_with_one_key_at_the_same_time_one_pays(service: Service) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers = list(
            threads.map(lambda _: service.pay({"orderId": "order-4", "amount": 7}, "race"), range(20))
        )
    assert {status for status, _ in answers} == {201}
    assert len({payment["id"] for _, payment in answers}) == 1
    assert len(service.of_order("order-4")["payments"]) == 1


def test_the_same_key_of_another_user_is_another_payment(service: Service) -> None:
    body = {"orderId": "order-8", "amount": 1}
    ids = {service.pay(body, "shared", X_User_Id=user)[1]["id"] for user in ("ada", "bob", "bob")}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "changed", [{"orderId": "order-6", "amount": 1}, {"orderId": "order-5", "amount": 2}]
)
def test_a_key_cannot_be_used_for_something_else(service: Service, changed: dict) -> None:
    service.pay({"orderId": "order-5", "amount": 1}, "taken")
    status, answer = service.pay(changed, "taken")
    assert status == 422
    assert answer["error"] == "idempotency_key_reused"
    assert answer["field"] == "Idempotency-Key"


TOKEN = 'must be 1 to 128 letters, digits, ".", "_", ":" or "-"'


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"amount": 1}, "orderId", "orderId is required"),
        ({"orderId": 7, "amount": 1}, "orderId", "orderId must be a string, got 7"),
        ({"orderId": "a b", "amount": 1}, "orderId", f"orderId {TOKEN}"),
        ({"orderId": "x" * 129, "amount": 1}, "orderId", f"orderId {TOKEN}"),
        ({"orderId": "o"}, "amount", "amount is required"),
        ({"orderId": "o", "amount": "1"}, "amount", "amount must be a number, got a string"),
        ({"orderId": "o", "amount": True}, "amount", "amount must be a number, got true"),
        ({"orderId": "o", "amount": None}, "amount", "amount must be a number, got null"),
        ({"orderId": "o", "amount": 0}, "amount", "amount must be at least 0.01, got 0"),
        (
            {"orderId": "o", "amount": 1e12},
            "amount",
            "amount must be at most 100000000000, got 1000000000000.0",
        ),
        ({"orderId": "o", "amount": 1.005}, "amount", "amount must have at most 2 decimals, got 1.005"),
        ('{"orderId": "o", "amount": NaN}', "amount", "amount must be a number, got NaN"),
        ('{"orderId": "o", "amount": 1e999}', "amount", "amount must be a number, got Infinity"),
        ([], None, "The body must be an object, got a list"),
        ("null", None, "The body must be an object, got null"),
        ("{", None, "The body must be valid JSON."),
        ("", None, "The body must be a JSON object, got nothing."),
    ],
)
def test_bad_bodies_are_refused_with_the_field_named(
    service: Service, body: dict | str, field: str | None, message: str
) -> None:
    status, answer = service.pay(body, "refused", X_Request_Id="test-1")
    assert status == 400
    expected = {"error": "invalid_request", "message": message, "requestId": "test-1"}
    assert answer == ({**expected, "field": field} if field else expected)


def test_the_idempotency_key_is_required(service: Service) -> None:
    body = json.dumps({"orderId": "o", "amount": 1})
    answer, content = service.ask("POST", "/payments", body, Content_Type="application/json", X_User_Id="ada")
    assert answer.status == 400
    assert content["message"] == "Idempotency-Key is required"
    assert content["field"] == "Idempotency-Key"


def test_other_types_and_large_bodies_are_refused(service: Service) -> None:
    status, answer = service.pay("orderId=o", "type", Content_Type="text/plain")
    assert (status, answer["error"]) == (415, "unsupported_media_type")
    status, answer = service.pay({"orderId": "x" * 65 * 1024, "amount": 1}, "large")
    assert (status, answer["error"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/payments/none", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("DELETE", "/payments", 405, "method_not_allowed"),
    ],
)
def test_what_does_not_exist_is_answered_in_the_one_shape(
    service: Service, method: str, path: str, status: int, error: str
) -> None:
    answer, content = service.ask(method, path, X_User_Id="ada")
    assert (answer.status, content["error"]) == (status, error)
    assert content["requestId"] == answer.headers["X-Request-Id"]


def test_users_see_their_own_payments_alone(service: Service) -> None:
    made = [service.pay({"orderId": f"mine-{n}", "amount": n}, f"mine-{n}", X_User_Id="cleo")[1] for n in (1, 2, 3)]
    service.pay({"orderId": "mine-4", "amount": 4}, "mine-4", X_User_Id="dan")
    newest_first = made[::-1]
    assert service.read("/payments/mine", "cleo") == (200, {"payments": newest_first})
    assert service.read("/payments/mine", "nobody") == (200, {"payments": []})

    first = service.read("/payments/mine?limit=2", "cleo")[1]
    assert first == {"payments": newest_first[:2], "next": made[1]["id"]}
    rest = service.read(f"/payments/mine?limit=2&before={first['next']}", "cleo")[1]
    assert rest == {"payments": newest_first[2:]}

    path = f"/payments/{made[0]['id']}"
    assert service.read(path, "cleo") == (200, made[0])
    status, refusal = service.read(path, "dan")
    assert (status, refusal["message"]) == (404, "There is no payment with this id.")
    assert service.read(path, "root", ADMIN) == (200, made[0])


def test_an_administrator_sees_all_payments_and_nobody_else_does(service: Service) -> None:
    newest = [service.pay({"orderId": "all-1", "amount": 1}, "all-1", X_User_Id=user)[1] for user in ("bob", "ada")]
    status, page = service.read("/payments?limit=2", "root", ADMIN)
    assert (status, page["payments"], page["next"]) == (200, newest[::-1], newest[0]["id"])
    for roles in ["[]", "", '["administrator"]', '"admin"', '{"admin":1}', "admin", "["]:
        status, refusal = service.read("/payments", "ada", roles)
        assert (status, refusal["error"]) == (403, "forbidden"), roles


@pytest.mark.parametrize("user", ["", "a b", "../users", "x" * 65])
@pytest.mark.parametrize("path", ["/payments", "/payments/mine", "/payments/1"])
def test_whoever_comes_past_the_gateway_is_nobody(service: Service, path: str, user: str) -> None:
    status, refusal = service.read(path, user, ADMIN)
    assert (status, refusal["error"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("limit=0", "limit", "limit must be at least 1"),
        ("limit=101", "limit", "limit must be at most 100"),
        ("limit=all", "limit", "limit must be a whole number"),
        ("before=a%20b", "before", 'before must be 1 to 128 letters, digits, ".", "_", ":" or "-"'),
    ],
)
def test_a_page_that_cannot_be_one_is_refused(service: Service, query: str, field: str, message: str) -> None:
    status, refusal = service.read(f"/payments/mine?{query}")
    assert (status, refusal["error"], refusal["field"]) == (400, "invalid_request", field)
    assert refusal["message"].startswith(message)


def test_a_sane_request_id_is_kept_and_any_other_replaced(service: Service) -> None:
    assert service.ask("GET", "/nothing", X_Request_Id="edge.7_a-b")[1]["requestId"] == "edge.7_a-b"
    for bad in ["two words", "x" * 129]:
        assert re.fullmatch(
            r"[0-9a-f-]{36}", service.ask("GET", "/nothing", X_Request_Id=bad)[1]["requestId"]
        )


def test_the_log_is_json_with_the_agreed_keys(service: Service) -> None:
    service.pay({"orderId": "order-7", "amount": 1}, "log", X_Request_Id="log-1")
    until(lambda: any(line.get("requestId") == "log-1" for line in service.log()))
    [line] = [line for line in service.log() if line.get("requestId") == "log-1"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert isinstance(line.pop("durationMs"), int)
    assert line == {
        "level": "info",
        "service": "payments",
        "message": "request",
        "requestId": "log-1",
        "method": "POST",
        "route": "/payments",
        "status": 201,
    }
