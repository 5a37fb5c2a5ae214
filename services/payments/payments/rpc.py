"""The service by gRPC: what payments.proto says, with health and reflection."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import payments_pb2 as messages
import payments_pb2_grpc as stubs
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from .drain import Drain
from .errors import ApiError
from .logs import current_request_id, log
from .payment import MAX_AMOUNT_CENTS, TOKEN_PATTERN, USER_PATTERN, KeyReused, pay
from .readiness import Readiness
from .requests import BODY_LIMIT_BYTES, sane_request_id
from .store import PaymentStore

SERVICE = messages.DESCRIPTOR.services_by_name["Payments"].full_name

_OPTIONS = [("grpc.max_receive_message_length", BODY_LIMIT_BYTES), ("grpc.so_reuseport", 0)]
_HEALTH_INTERVAL_SECONDS = 1


@asynccontextmanager
async def _answering(method: str, context: grpc.aio.ServicerContext, drain: Drain) -> AsyncIterator[None]:
    """Gives a call what HTTP requests get: an id, a place in the drain, errors in one shape, a line in the log."""
    metadata = dict(context.invocation_metadata() or ())
    request_id = sane_request_id(metadata.get("x-request-id", ""))
    current_request_id.set(request_id)
    context.set_trailing_metadata((("x-request-id", request_id),))
    started_at = time.monotonic()
    with drain:
        try:
            yield
        except grpc.aio.AbortError:
            raise
        except asyncio.CancelledError:
            # The caller left, or its deadline passed.
            context.set_code(grpc.StatusCode.CANCELLED)
            raise
        except ApiError as error:
            log(logging.ERROR, error.detail, error=error.code, reason=str(error.__cause__))
            await context.abort(grpc.StatusCode.UNAVAILABLE, error.detail)
        except Exception:
            logging.exception("the call broke")
            message = "Something went wrong here; the log of this request says what."
            await context.abort(grpc.StatusCode.INTERNAL, message)
        finally:
            code = context.code()
            status = code.name if isinstance(code, grpc.StatusCode) else "OK"
            duration_ms = round((time.monotonic() - started_at) * 1000)
            route = f"/{SERVICE}/{method}"
            log(logging.INFO, "request", method="POST", route=route, status=status, durationMs=duration_ms)


def _problem(request: messages.PayRequest) -> str | None:
    """What is wrong with the request, with its field named; as over HTTP, text is not repeated."""
    for field in ("order_id", "idempotency_key"):
        if not re.fullmatch(TOKEN_PATTERN, getattr(request, field)):
            return f'{field} must be 1 to 128 letters, digits, ".", "_", ":" or "-"'
    if not 1 <= request.amount_cents <= MAX_AMOUNT_CENTS:
        return f"amount_cents must be from 1 to {MAX_AMOUNT_CENTS}, got {request.amount_cents}"
    if not re.fullmatch(USER_PATTERN, request.user_id):
        return 'user_id must be 1 to 64 letters, digits, "_" or "-"'
    return None


class _Payments(stubs.PaymentsServicer):
    def __init__(self, store: PaymentStore, drain: Drain) -> None:
        self._store = store
        self._drain = drain

    async def Pay(
        self, request: messages.PayRequest, context: grpc.aio.ServicerContext
    ) -> messages.Payment:
        async with _answering("Pay", context, self._drain):
            if problem := _problem(request):
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, problem)
            try:
                payment = await pay(
                    self._store,
                    request.user_id,
                    request.order_id,
                    request.amount_cents,
                    request.idempotency_key,
                )
            except KeyReused:
                message = "idempotency_key was used before for another order or amount. Write a new one."
                await context.abort(grpc.StatusCode.ALREADY_EXISTS, message)
            return messages.Payment(
                id=payment.id,
                status=f"PAYMENT_STATUS_{payment.status.upper()}",
                order_id=payment.order_id,
                amount_cents=payment.amount_cents,
            )


class RpcServer:
    """The door for gRPC, opened and closed by the HTTP server beside it."""

    def __init__(self, store: PaymentStore, drain: Drain, readiness: Readiness, port: int) -> None:
        self._payments = _Payments(store, drain)
        self._readiness = readiness
        self._port = port

    async def start(self) -> None:
        self._health = health.aio.HealthServicer()
        self._server = grpc.aio.server(options=_OPTIONS)
        stubs.add_PaymentsServicer_to_server(self._payments, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )
        await self._tell(serving=False)
        self._server.add_insecure_port(f"0.0.0.0:{self._port}")
        await self._server.start()
        self._reporting = asyncio.create_task(self._keep_reporting())

    async def begin_drain(self) -> None:
        """From now on its health says that it is about to stop; calls are still served."""
        await self._health.enter_graceful_shutdown()

    async def stop(self, last_calls_seconds: float) -> None:
        """Closes the door; calls that began before have some time to end."""
        self._reporting.cancel()
        await self._server.stop(last_calls_seconds)

    async def _keep_reporting(self) -> None:
        while True:
            await self._tell(serving=await self._readiness.holds())
            await asyncio.sleep(_HEALTH_INTERVAL_SECONDS)

    async def _tell(self, *, serving: bool) -> None:
        """For the whole server and for the service by name."""
        statuses = health_pb2.HealthCheckResponse
        status = statuses.SERVING if serving else statuses.NOT_SERVING
        for name in ("", SERVICE):
            await self._health.set(name, status)
