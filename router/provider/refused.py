"""What a consumer is told when there is no answer, in the words that deployed consumers know."""


class Refused(Exception):
    """The request is not served; `words` go over the wire in clear text.

    Args:
        problem: what whoever runs the provider should know about it, or empty.
    """

    def __init__(self, words: str, problem: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.problem = problem
