"""The errors a user or caller can do something about.

MorpheusError(message, safe, hint)
├── ConfigError         a setting or file is wrong: names it
├── StorageError        the data folder cannot be written or read
├── ModelError          a model file is missing, damaged, or cannot be loaded
├── NoModel             nothing is installed that could answer
├── BackendError        the model or its process failed while answering
├── ContextTooLong      one question alone does not fit the model's context
├── DownloadError       a download failed or did not verify
├── BadRequest          the caller sent something that makes no sense: names the field
├── NotFound            no such chat, message, model or key
└── Busy                the same thing is already being done

Anything else that is raised is a bug: it is logged with its traceback and shown once in the
crash dialog.
"""


class MorpheusError(Exception):
    """Something went wrong that can be explained.

    The three parts follow the order in which they are shown: what happened, what is safe,
    what to do next. `code` is the stable name programs see.
    """

    code = "error"

    def __init__(self, message: str, *, safe: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.safe = safe
        self.hint = hint


class ConfigError(MorpheusError):
    """A setting or settings file is wrong; the message names it."""

    code = "config_error"


class StorageError(MorpheusError):
    """The data folder or the database cannot be read or written."""

    code = "storage_error"


class ModelError(MorpheusError):
    """A model file is missing, damaged, too large, or cannot be loaded."""

    code = "model_error"


class NoModel(MorpheusError):
    """No model is installed, or the local runtime is missing."""

    code = "no_model"


class BackendError(MorpheusError):
    """The model or its process failed while it was answering."""

    code = "backend_error"


class ContextTooLong(MorpheusError):
    """One question alone does not fit the model's context."""

    code = "context_length_exceeded"


class DownloadError(MorpheusError):
    """A download failed or did not verify."""

    code = "download_error"


class BadRequest(MorpheusError):
    """The caller sent something that makes no sense.

    Args:
        message: what is wrong, in one sentence.
        param: the field it is about, or None.
        code: a stable name, when it is more exact than "bad_request".
    """

    code = "bad_request"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str = "",
        safe: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, safe=safe, hint=hint)
        self.param = param
        if code:
            self.code = code


class NotFound(MorpheusError):
    """No such chat, message, model or key."""

    code = "not_found"


class Busy(MorpheusError):
    """The same thing is already being done."""

    code = "busy"
