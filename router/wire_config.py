"""The settings of the wire: how much and how long a provider may send. For `settings.toml` alone.

The usual values suit all providers that are known; docs/wire.md says what each is for.
"""

from dataclasses import dataclass

from router.errors import ConfigError

_BOUNDS = {
    "frame_mb": (4, 64),  # a piece of a recording has nearly 3
    "answer_mb": (4, 1024),
    "depth": (8, 64),
    "first_frame_s": (5, 3600),
    "gap_s": (5, 3600),
    "total_s": (10, 86_400),
    "upload_kb_a_second": (1, 1_000_000),
}


@dataclass(frozen=True)
class WireConfig:
    """What one connection to a provider may cost.

    Args:
        frame_mb: MiB of one message; answer_mb: of a whole answer.
        depth: lists and objects in each other.
        first_frame_s: seconds to the first piece of an answer; gap_s: between two; total_s: in all.
        upload_kb_a_second: KiB that a slow connection sends in a second; how long a piece of a
            recording may take.
    """

    frame_mb: int = 8
    answer_mb: int = 64
    depth: int = 32
    first_frame_s: int = 360
    gap_s: int = 120
    total_s: int = 3600
    upload_kb_a_second: int = 32

    def validate(self) -> None:
        """Check each value.

        Raises:
            ConfigError: names the first that is wrong.
        """
        for name, (low, high) in _BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"The setting wire.{name} must be from {low} to {high}.")
        if self.answer_mb < self.frame_mb:
            raise ConfigError("The setting wire.answer_mb must not be less than wire.frame_mb.")
