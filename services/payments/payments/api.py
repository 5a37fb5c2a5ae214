"""The routes of the service."""

from typing import Annotated

from fastapi import Depends, FastAPI, Header, Query, Request
from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from .caller import Caller, admin_of, caller_of
from .errors import ApiError, install_error_handlers
from .money import from_cents, to_cents
from .payment import MAX_AMOUNT_CENTS, TOKEN_PATTERN, KeyReused, pay
from .readiness import Readiness
from .store import ALL, Payment, PaymentStore, of_order, of_user

Token = Annotated[str, Field(strict=True, pattern=f"^{TOKEN_PATTERN}$")]


def _whole_cents(amount: float) -> float:
    if to_cents(amount) is None:
        raise PydanticCustomError("decimals", "must have at most 2 decimals")
    return amount


class NewPayment(BaseModel):
    orderId: Token
    amount: Annotated[
        float,
        Field(strict=True, ge=0.01, le=from_cents(MAX_AMOUNT_CENTS), allow_inf_nan=False),
        AfterValidator(_whole_cents),
    ]


class Page(BaseModel):
    """Which of many payments are asked for."""

    limit: Annotated[int, Field(ge=1, le=100)] = 50
    before: Token | None = None


class AdminPage(Page):
    orderId: Token | None = None


def _require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ApiError(415, "unsupported_media_type", "Content-Type must be application/json.")


def _shown(payment: Payment) -> dict:
    amount = from_cents(payment.amount_cents)
    return {
        "id": payment.id,
        "status": payment.status,
        "userId": payment.user_id,
        "orderId": payment.order_id,
        "amount": amount,
    }


async def _shown_page(store: PaymentStore, listed: str, page: Page) -> dict:
    # One more tells whether there are more.
    found = await store.page(listed, page.limit + 1, page.before or "")
    payments = found[: page.limit]
    more = {"next": payments[-1].id} if len(found) > page.limit else {}
    return {"payments": [_shown(payment) for payment in payments], **more}


def create_app(store: PaymentStore, readiness: Readiness) -> FastAPI:
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    install_error_handlers(app)

    @app.post("/payments", status_code=201, dependencies=[Depends(_require_json)])
    async def create(
        caller: Annotated[Caller, Depends(caller_of)],
        body: NewPayment,
        key: Annotated[Token, Header(alias="Idempotency-Key")],
    ) -> dict:
        try:
            return _shown(await pay(store, caller.user_id, body.orderId, to_cents(body.amount), key))
        except KeyReused:
            message = "Idempotency-Key was used before for another order or amount. Write a new one."
            raise ApiError(422, "idempotency_key_reused", message, field="Idempotency-Key") from None

    @app.get("/payments/mine")
    async def mine(caller: Annotated[Caller, Depends(caller_of)], page: Annotated[Page, Query()]) -> dict:
        return await _shown_page(store, of_user(caller.user_id), page)

    @app.get("/payments/{payment_id}")
    async def read(caller: Annotated[Caller, Depends(caller_of)], payment_id: str) -> dict:
        payment = await store.find(payment_id)
        # Another user's is answered like one that does not exist.
        if payment is None or not (caller.is_admin or payment.user_id == caller.user_id):
            raise ApiError(404, "not_found", "There is no payment with this id.")
        return _shown(payment)

    @app.get("/payments", dependencies=[Depends(admin_of)])
    async def every(page: Annotated[AdminPage, Query()]) -> dict:
        return await _shown_page(store, of_order(page.orderId) if page.orderId else ALL, page)

    @app.get("/healthz")
    async def healthz() -> dict:
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz() -> dict:
        await readiness.require()
        return {"status": "ready"}

    return app
