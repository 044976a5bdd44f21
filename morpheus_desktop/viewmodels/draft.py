"""What somebody types while a wallet is set up, and what is still missing of it.

It is in memory only; `wipe` forgets it.
"""

import random
from dataclasses import dataclass, field
from typing import Literal

from router.errors import BadRequest
from router.wallet import derive, mnemonic
from router.wallet.checks import check_password, checked_address, private_key

Way = Literal["create", "import"]
Source = Literal["phrase", "key", "file", "watch"]

ASKED = 3
CUSTOM = "custom"


@dataclass
class Draft:
    """All fields of all steps; strings are as they were typed.

    Attributes:
        count: how many words the new phrase has.
        words: of the new phrase; asked: places of those that are asked back, from 0.
        seen: whether the words were shown.
        typed: what was typed for each of them.
        template: name in `derive.TEMPLATES`, or "custom"; then `path` is used.
        index: which account of the list was chosen.
    """

    way: Way = "create"
    password: str = ""
    repeated: str = ""
    count: int = 12
    words: tuple[str, ...] = ()
    seen: bool = False
    asked: tuple[int, ...] = ()
    typed: dict[int, str] = field(default_factory=dict)
    source: Source = "phrase"
    phrase: str = ""
    passphrase: str = ""
    key: str = ""
    file: bytes = b""
    file_name: str = ""
    file_password: str = ""
    address: str = ""
    template: str = "standard"
    path: str = derive.STANDARD.format(index=0)
    index: int = 0

    def make_words(self, count: int) -> None:
        """A new phrase; what was typed of the one before is gone."""
        self.count = count
        self.words, self.seen = tuple(mnemonic.make(count).split()), False
        self.asked = tuple(sorted(random.SystemRandom().sample(range(count), ASKED)))
        self.typed = {}

    def wipe(self) -> None:
        """Forget all of it."""
        self.__dict__.update(Draft().__dict__)

    def wipe_secrets(self) -> None:
        """Forget all but which way it was."""
        self.__dict__.update(Draft(self.way, count=self.count, source=self.source).__dict__)

    # What is wrong, in a sentence; empty when nothing is

    def password_problem(self) -> str:
        """With the password itself."""
        try:
            check_password(self.password)
        except BadRequest as error:
            return error.message
        return ""

    def repeat_problem(self) -> str:
        """With its repetition, once there is one."""
        if self.repeated != self.password:
            return "The two passwords are not the same."
        return ""

    def is_right(self, place: int) -> bool:
        """Whether the right word was typed for a place."""
        return self.typed.get(place, "").strip().lower() == self.words[place]

    def word_problem(self, place: int) -> str:
        """With the word that was typed for a place; the right one is not told."""
        typed = self.typed.get(place, "").strip().lower()
        if not typed or self.is_right(place):
            return ""
        begun = mnemonic.completions(typed, most=2048)
        if begun and typed not in begun:
            return ""  # it is still being typed
        return f"Not the word you wrote at {place + 1}"

    @property
    def right_words(self) -> int:
        """How many of the asked words are right."""
        return sum(self.is_right(place) for place in self.asked)

    def source_problem(self) -> str:
        """With what a wallet is to be imported from."""
        if self.source == "phrase":
            return mnemonic.check(self.phrase).problem
        try:
            if self.source == "key":
                private_key(self.key)
            elif self.source == "watch":
                checked_address(self.address)
        except BadRequest as error:
            return " ".join(part for part in (error.message, error.hint) if part)
        if self.source == "file" and not self.file:
            return "Choose a key file."
        return ""

    @property
    def wrong_words_typed(self) -> tuple[tuple[int, str], ...]:
        """(place from 1, word) of those in no word list; the last may still be being typed."""
        checked = mnemonic.check(self.phrase)
        unknown = checked.unknown
        if unknown and not self.phrase[-1:].isspace() and unknown[-1] == len(checked.words) - 1:
            unknown = unknown[:-1]
        return tuple((place + 1, checked.words[place]) for place in unknown)

    # Where the account is

    @property
    def template_path(self) -> str:
        """The path with {index} where accounts are counted, or the custom one."""
        if self.template != CUSTOM:
            return derive.TEMPLATES[self.template]
        return self.path

    def path_problem(self) -> str:
        """With the custom path."""
        try:
            derive.checked_path(self.template_path.replace("{index}", "0"))
        except BadRequest as error:
            return " ".join(part for part in (error.message, error.hint) if part)
        return ""

    @property
    def chosen_path(self) -> str:
        """The path of the chosen account."""
        return derive.checked_path(self.template_path.replace("{index}", str(self.index)))
