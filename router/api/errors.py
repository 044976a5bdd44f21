"""How a failure looks over HTTP: one status, one stable code, OpenAI's error shape.

Official clients choose their exception class by status: 400 BadRequestError, 401
AuthenticationError, 403 PermissionDeniedError, 404 NotFoundError, 409 ConflictError, 429
RateLimitError, 5xx InternalServerError. They retry 408, 409, 429 and 5xx on their own unless
`x-should-retry: false` says that it would not help.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from router.chain.codec import NotOffered
from router.chain.nodes import RpcError
from router.errors import (
    BackendError,
    BadRequest,
    Busy,
    ChainUnavailable,
    ConfigError,
    ContextTooLong,
    DownloadError,
    InsufficientFunds,
    ModelError,
    MorpheusError,
    NoModel,
    NotFound,
    NotReady,
    ProviderError,
    StillOnTheWay,
    StorageError,
    TxFailed,
    WalletError,
    WalletLocked,
    WrongPassword,
)

# class of error -> status, whether trying the same again may help
_STATUS: Mapping[type[MorpheusError], tuple[int, bool]] = {
    BadRequest: (400, False),
    ContextTooLong: (400, False),
    NotFound: (404, False),
    Busy: (409, True),
    StillOnTheWay: (409, False),
    InsufficientFunds: (402, False),
    TxFailed: (422, False),
    WalletError: (409, False),
    WalletLocked: (423, False),
    WrongPassword: (403, False),
    NotReady: (503, True),
    ChainUnavailable: (503, True),
    # What the network answered, and would answer again.
    NotOffered: (502, False),
    RpcError: (502, False),
    BackendError: (502, True),
    DownloadError: (502, True),
    NoModel: (503, False),
    ModelError: (500, False),
    ConfigError: (500, False),
    StorageError: (500, False),
}

# The same by code, where a class of errors has several.
_BY_CODE: Mapping[str, tuple[int, bool]] = {
    "no_session": (402, False),
    "session_expired": (402, False),
    "bad_endpoint": (502, False),
    "model_refused": (400, False),  # as the original: the request is what its model did not take
    "provider_busy": (429, True),
    "provider_too_slow": (504, False),  # each try would take as long again
    "wallet_locked": (423, False),
    "chain_unavailable": (503, True),
}
MODEL_ERROR = "providerModelError"  # the member in which the original gives a model's own error
BUSY_S = 5  # after which a provider without a free place can be asked again

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    409: "conflict_error",
    429: "rate_limit_error",
}


class ApiError(Exception):
    """A refusal or failure with everything a client is told about it.

    Args:
        status: HTTP status, 400 or more.
        code: the stable name programs may rely on.
        message: plain words for people.
        param: the field or header it is about.
        headers: further response headers.
        more: further members of the body beside "error".
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    @property
    def body(self) -> dict[str, object]:
        """The JSON body, also used as the last event of a stream that failed."""
        kind = _TYPES.get(self.status)
        if kind is None:
            kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {
            "error": {
                "message": self.message,
                "type": kind,
                "param": self.param,
                "code": self.code,
            },
            **self.more,
        }

    def response(self) -> web.Response:
        """The whole HTTP answer."""
        return web.Response(
            status=self.status,
            body=json.dumps(self.body).encode(),
            content_type="application/json",
            headers=self.headers,
        )


def describe(error: BaseException) -> ApiError | None:
    """The ApiError for a known failure, or None for a bug."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, web.HTTPException):
        return _from_http(error)
    if isinstance(error, MorpheusError):
        return _from_ours(error)
    return None


def unexpected() -> ApiError:
    """What is told of a bug: nothing about the inside."""
    return ApiError(
        500,
        "internal_error",
        "The request failed because of an error in the app. The details are in its log.",
    )


def _from_ours(error: MorpheusError) -> ApiError:
    status, retry = next(
        (_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), (500, False)
    )
    if isinstance(error, ProviderError):
        status, retry = _BY_CODE.get(error.code, (status, retry))
    headers = {"x-should-retry": "false"} if not retry and _is_retried(status) else {}
    if status == 429:
        headers["Retry-After"] = str(BUSY_S)
    param = error.param if isinstance(error, BadRequest) else None
    if isinstance(error, ContextTooLong):
        param = "messages"
    words = " ".join(part for part in (error.message, error.hint) if part)
    more = {}
    if isinstance(error, ProviderError) and error.said is not None:
        said = error.said
        # Providers wrap it already.
        more = {MODEL_ERROR: said.get(MODEL_ERROR, said) if isinstance(said, dict) else said}
    return ApiError(status, error.code, words, param=param, headers=headers, more=more)


def _is_retried(status: int) -> bool:
    """Whether official clients try again on their own."""
    return status in (408, 409, 429) or status >= 500


def _from_http(error: web.HTTPException) -> ApiError:
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return ApiError(
            405,
            "method_not_allowed",
            f"This address does not take {error.method}. It takes {allowed}.",
            headers={"Allow": allowed},
        )
    if error.status == HTTPStatus.NOT_FOUND:
        return ApiError(
            404, "unknown_url", "There is nothing at this address. See /openapi.json for all."
        )
    if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return ApiError(413, "body_too_large", "The body of the request is too large.")
    status = max(error.status, 400)
    return ApiError(status, "bad_request", HTTPStatus(status).description or "Bad request.")
