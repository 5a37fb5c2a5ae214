"""The one shape of every answer that is not a success: {error, message, field?, requestId}."""

import json
import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from .logs import current_request_id, log


class ApiError(HTTPException):
    """An answer that is not a success: `code` is for programs, `message` for people."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        headers = None if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
        super().__init__(status, message, headers)
        self.code = code
        self.field = field


_NOUNS = {str: "a string", list: "a list", dict: "an object"}


def _given(value: object) -> str:
    """Names what was given without repeating text."""
    return _NOUNS.get(type(value)) or json.dumps(value)


def _describe(error: dict) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "is required"
        case "string_type":
            problem = "must be a string"
        case "string_pattern_mismatch":
            return 'must be 1 to 128 letters, digits, ".", "_", ":" or "-"'
        case "int_parsing" | "int_from_float":
            problem = "must be a whole number"
        case "float_type" | "finite_number":
            problem = "must be a number"
        case "greater_than_equal":
            problem = f"must be at least {limits['ge']:.15g}"
        case "less_than_equal":
            problem = f"must be at most {limits['le']:.15g}"
        case "model_type" | "model_attributes_type":
            problem = "must be an object"
        case _:
            problem = error["msg"]
    return f"{problem}, got {_given(error['input'])}"


def _from_validation(error: RequestValidationError) -> ApiError:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return ApiError(400, "invalid_request", "The body must be valid JSON.")
    field = ".".join(str(part) for part in first["loc"][1:])
    if not field and first["type"] == "missing":
        return ApiError(400, "invalid_request", "The body must be a JSON object, got nothing.")
    message = f"{field or 'The body'} {_describe(first)}"
    return ApiError(400, "invalid_request", message, field=field or None)


def _from_framework(error: HTTPException, request: Request) -> ApiError:
    if error.status_code == 404:
        return ApiError(404, "not_found", f"There is no {request.method} at this address.")
    if error.status_code == 405:
        return ApiError(405, "method_not_allowed", f"There is no {request.method} at this address.")
    return ApiError(error.status_code, "invalid_request", error.detail)


def _answer(error: ApiError) -> JSONResponse:
    body = {"error": error.code, "message": error.detail}
    if error.field:
        body["field"] = error.field
    body["requestId"] = current_request_id.get()
    return JSONResponse(body, error.status_code, error.headers)


def install_error_handlers(app: FastAPI) -> None:
    """Answers every error of the application in the one shape."""

    @app.exception_handler(RequestValidationError)
    async def refused(_request: Request, error: RequestValidationError) -> JSONResponse:
        return _answer(_from_validation(error))

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> JSONResponse:
        known = error if isinstance(error, ApiError) else _from_framework(error, request)
        if error.__cause__ is not None:
            log(logging.ERROR, known.detail, error=known.code, reason=str(error.__cause__))
        return _answer(known)

    @app.exception_handler(Exception)
    async def broke(_request: Request, _error: Exception) -> JSONResponse:
        # The server logs the exception itself.
        message = "Something went wrong here; the log of this request says what."
        return _answer(ApiError(500, "internal_error", message))
