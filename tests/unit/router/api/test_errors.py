"""router.api.errors: every failure has one status and one stable code."""

import json

import pytest
from aiohttp import web

from router import errors
from router.api.errors import ApiError, describe, unexpected
from router.chain.codec import NotOffered
from router.chain.nodes import RpcError
from router.consumer.trouble import trouble
from router.morrpc.errors import ModelRefusal


@pytest.mark.parametrize(
    ("error", "status", "code", "kind"),
    [
        (errors.BadRequest("x"), 400, "bad_request", "invalid_request_error"),
        (errors.ContextTooLong("x"), 400, "context_length_exceeded", "invalid_request_error"),
        (errors.NotFound("x"), 404, "not_found", "invalid_request_error"),
        (errors.Busy("x"), 409, "busy", "conflict_error"),
        (errors.StillOnTheWay("x"), 409, "still_on_the_way", "conflict_error"),
        (errors.NoModel("x"), 503, "no_model", "server_error"),
        (errors.ModelError("x"), 500, "model_error", "server_error"),
        (errors.BackendError("x"), 502, "backend_error", "server_error"),
        (errors.DownloadError("x"), 502, "download_error", "server_error"),
        (errors.NotReady("x"), 503, "not_ready", "server_error"),
        (errors.ChainUnavailable("x"), 503, "chain_unavailable", "server_error"),
        (errors.TxFailed("x"), 422, "tx_failed", "invalid_request_error"),
        (NotOffered("x"), 502, "not_offered", "server_error"),
        (RpcError(-32000, "x"), 502, "node_refused", "server_error"),
        (errors.StorageError("x"), 500, "storage_error", "server_error"),
        (errors.ConfigError("x"), 500, "config_error", "server_error"),
        (errors.MorpheusError("x"), 500, "error", "server_error"),
    ],
)
def test_known_failures(error: errors.MorpheusError, status: int, code: str, kind: str) -> None:
    known = describe(error)
    assert known is not None
    assert known.status == status
    body = json.loads(known.response().body)  # type: ignore[arg-type]
    assert body == known.body
    assert body["error"]["code"] == code
    assert body["error"]["type"] == kind


@pytest.mark.parametrize(
    ("code", "status", "headers"),
    [
        ("no_session", 402, {}),
        ("provider_busy", 429, {"Retry-After": "5"}),
        ("provider_cut_off", 502, {}),
        ("provider_unreachable", 502, {}),
        ("bad_endpoint", 502, {"x-should-retry": "false"}),
        ("model_refused", 400, {}),
        ("provider_too_slow", 504, {"x-should-retry": "false"}),
        ("wallet_locked", 423, {}),
        ("chain_unavailable", 503, {}),
    ],
)
def test_failures_of_providers_by_their_code(
    code: str, status: int, headers: dict[str, str]
) -> None:
    known = describe(errors.ProviderError("x", code=code))
    assert known is not None
    assert (known.status, known.code, known.headers) == (status, code, headers)


@pytest.mark.parametrize("wrapped", [True, False])
def test_what_a_model_said_itself_is_given_too(wrapped: bool) -> None:
    """In the member of the original, beside OpenAI's object."""
    said = {"error": {"message": "too long"}}
    body = {"providerModelError": said} if wrapped else said
    known = describe(trouble(ModelRefusal(body)))
    assert known is not None
    assert (known.status, known.code) == (400, "model_refused")
    assert known.body["providerModelError"] == said
    assert "too long" in known.message
    other = describe(errors.ProviderError("x", code="model_refused"))
    assert other is not None
    assert list(other.body) == ["error"]


def test_every_class_of_error_has_a_status_of_its_own() -> None:
    for kind in errors.MorpheusError.__subclasses__():
        if kind.__module__ != errors.__name__:
            continue
        more = {"token": "MOR", "needed": 2, "has": 1} if kind is errors.InsufficientFunds else {}
        known = describe(kind("x", **more))
        assert known is not None
        assert known.code != "error", kind


def test_retrying_is_discouraged_where_it_cannot_help() -> None:
    assert describe(errors.NoModel("x")).headers == {"x-should-retry": "false"}  # type: ignore[union-attr]
    assert describe(RpcError(-32000, "x")).headers == {"x-should-retry": "false"}  # type: ignore[union-attr]
    assert describe(errors.NotReady("x")).headers == {}  # type: ignore[union-attr]
    assert describe(errors.BackendError("x")).headers == {}  # type: ignore[union-attr]
    # Official clients would try again until the first is settled, and pay a second time.
    twin = describe(errors.StillOnTheWay("x"))
    assert twin is not None
    assert twin.headers == {"x-should-retry": "false"}
    assert describe(errors.Busy("x")).headers == {}  # type: ignore[union-attr]


def test_words_and_field_are_passed_on() -> None:
    known = describe(errors.BadRequest("Wrong.", param="n", code="n_not_supported"))
    assert known is not None
    assert (known.message, known.param, known.code) == ("Wrong.", "n", "n_not_supported")
    hinted = describe(errors.NoModel("Nothing is installed.", hint="Install one."))
    assert hinted is not None
    assert hinted.message == "Nothing is installed. Install one."


def test_http_errors_of_the_server() -> None:
    missing = describe(web.HTTPNotFound())
    assert missing is not None
    assert (missing.status, missing.code) == (404, "unknown_url")
    method = describe(web.HTTPMethodNotAllowed("PUT", {"POST", "GET"}))
    assert method is not None
    assert (method.status, method.code) == (405, "method_not_allowed")
    assert method.headers["Allow"] == "GET, POST"
    large = describe(web.HTTPRequestEntityTooLarge(max_size=1, actual_size=2))
    assert large is not None
    assert (large.status, large.code) == (413, "body_too_large")


def test_a_bug_is_not_described() -> None:
    assert describe(RuntimeError("secret")) is None
    assert "secret" not in unexpected().message


def test_an_api_error_is_itself() -> None:
    error = ApiError(418, "teapot", "No coffee.")
    assert describe(error) is error
