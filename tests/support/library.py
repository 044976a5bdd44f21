"""A library for tests of the host: the models it is given, and nothing on disk."""

from pathlib import Path

from router.errors import NotFound
from router.inference.library import LoadOptions, LocalModel


def local_model(name: str = "talker", *, path: Path | None = None, problem: str = "") -> LocalModel:
    """A model as the library describes it."""
    return LocalModel(
        id=name,
        name=name.title(),
        path=path or Path(f"/nowhere/{name}.gguf"),
        size_bytes=1000,
        architecture="llama",
        parameters=135_000_000,
        quantization="Q4_1",
        context_tokens=8192,
        licence="apache-2.0",
        capabilities=frozenset({"chat"}),
        bundled=False,
        problem=problem,
    )


class FakeLibrary:
    """Finds the models it was made of; the first is the default."""

    def __init__(self, *models: LocalModel, context_tokens: int = 1024) -> None:
        self.models = models or (local_model(),)
        self.load_options = LoadOptions(context_tokens=context_tokens, threads=1, gpu_layers=0)

    def find(self, name_or_id: str) -> LocalModel:
        """A model by id; the empty one is the default."""
        for model in self.models:
            if name_or_id in ("", model.id):
                return model
        raise NotFound(f"There is no model named {name_or_id}.")

    def options(self, model_id: str) -> LoadOptions:
        """The same for all."""
        return self.load_options
