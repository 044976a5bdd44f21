"""router.backends.raw: an error of the model is a failure of the backend with a body."""

from router.backends.raw import ModelSaid
from router.errors import BackendError


def test_what_the_model_said_is_kept_out_of_the_message() -> None:
    error = ModelSaid({"error": "secret"})
    assert isinstance(error, BackendError)
    assert error.body == {"error": "secret"}
    assert "secret" not in str(error)
