"""What is asked in each of the four ways, and how fast the answer came."""

from dataclasses import asdict, dataclass

from benchmarks.child import Answer

QUESTION = "Write a long story about a river and all the people who live along it."
SAMPLING: dict[str, float | int] = {
    "temperature": 0.7,
    "top_p": 0.95,
    "top_k": 40,
    "min_p": 0.05,
    "repeat_penalty": 1.0,  # none: a way that left it out would take what suits the model
    "seed": 7,
}


@dataclass(frozen=True)
class Speed:
    """One answer. The times of its first and last token are seconds after it was asked for."""

    prompt_tokens: int
    tokens: int
    first_s: float
    last_s: float

    @property
    def tokens_per_s(self) -> float:
        """Of the writing alone: reading the prompt ends with the first token."""
        return (self.tokens - 1) / (self.last_s - self.first_s)

    def to_answer(self) -> Answer:
        """For the way to another process."""
        return asdict(self)
