"""Where tests keep what was learned about a network's closing rule."""


class RuleMemory:
    """As the app's own, without a file."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def closing_rule(self, network: str) -> str:
        return self.kept.get(network, "")

    async def keep_closing_rule(self, network: str, text: str) -> None:
        self.kept[network] = text
