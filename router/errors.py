"""The errors a user or caller can do something about.

MorpheusError(message, safe, hint)
├── ConfigError         a setting or file is wrong: names it
├── StorageError        the data folder cannot be written or read
├── ModelError          a model file is missing, damaged, or cannot be loaded
├── NoModel             nothing is installed that could answer
├── BackendError        the model or its process failed while answering
│   └── ProviderError   a provider failed or lied: `code` says how
├── ContextTooLong      one question alone does not fit the model's context
├── DownloadError       a download failed or did not verify
├── BadRequest          the caller sent something that makes no sense: names the field
├── NotFound            no such chat, message, model or key
├── Busy                the same thing is already being done
├── StillOnTheWay       the same payment was sent already and is not settled
├── NotReady            what is asked for is still being started
├── WalletError         a wallet file, phrase or key is wrong, or there is no wallet
├── WalletLocked        the password is needed first
├── WrongPassword       and how long to wait before the next try
├── InsufficientFunds   names what is needed, what is there, and of which token
├── ChainUnavailable    no node answered in time, or none of this network
└── TxFailed            a transaction would fail, failed, or was replaced; says why

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


class ProviderError(BackendError):
    """A provider of the network cannot be reached, failed, or said what cannot be believed.

    Args:
        code: how, as a stable name; docs/http-api.md lists them.
        choices: what can be done now, as stable names: "retry", "other_provider", "local".
        said: what the provider's model itself answered, as JSON that is hostile; None for nothing.
    """

    code = "provider_error"

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        safe: str = "",
        hint: str = "",
        choices: tuple[str, ...] = (),
        said: object = None,
    ) -> None:
        super().__init__(message, safe=safe, hint=hint)
        self.choices = choices
        self.said = said
        if code:
            self.code = code


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


class StillOnTheWay(MorpheusError):
    """The same payment was sent already and is not settled; a second one has to be confirmed."""

    code = "still_on_the_way"


class NotReady(MorpheusError):
    """What is asked for is still being started, or was stopped."""

    code = "not_ready"


class WalletError(MorpheusError):
    """A wallet file, recovery phrase or key is wrong, or there is no wallet."""

    code = "wallet_error"


class WalletLocked(MorpheusError):
    """The wallet has to be unlocked with its password first."""

    code = "wallet_locked"


class WrongPassword(MorpheusError):
    """The password is wrong.

    Args:
        wait_s: seconds before the next try is looked at.
    """

    code = "wrong_password"

    def __init__(
        self, message: str, *, wait_s: float = 0.0, safe: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, safe=safe, hint=hint)
        self.wait_s = wait_s


class InsufficientFunds(MorpheusError):
    """An account has too little.

    Args:
        token: "MOR" or "ETH".
        needed, has: in wei.
    """

    code = "insufficient_funds"

    def __init__(
        self, message: str, *, token: str, needed: int, has: int, safe: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, safe=safe, hint=hint)
        self.token = token
        self.needed = needed
        self.has = has


class ChainUnavailable(MorpheusError):
    """No node of the network answered, or none that is on the right chain."""

    code = "chain_unavailable"


class TxFailed(MorpheusError):
    """A transaction would fail, failed, or was replaced.

    Args:
        tx_hash: its hash, or None when it was never sent.
        code: what the contract answered, as a stable name.
    """

    code = "tx_failed"

    def __init__(
        self,
        message: str,
        *,
        tx_hash: str | None = None,
        code: str = "",
        safe: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, safe=safe, hint=hint)
        self.tx_hash = tx_hash
        if code:
            self.code = code
