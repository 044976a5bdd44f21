"""router.api.models: what is installed, in OpenAI's shape."""

import dataclasses
from pathlib import Path

from tests.support.api_client import a_model, running_api


async def test_the_list_and_one_of_it(tmp_path: Path) -> None:
    file = tmp_path / "one.gguf"
    file.write_bytes(b"x")
    one = dataclasses.replace(a_model("One", "tools", "chat"), path=file)
    broken = dataclasses.replace(a_model("Broken"), problem="The file is damaged.")
    async with running_api(tmp_path / "data", models=[one, broken, a_model("Gone")]) as api:
        body = (await api.send("GET", "/v1/models")).json
        assert body["object"] == "list"
        assert [model["id"] for model in body["data"]] == ["one", "gone"]
        first, second = body["data"]
        assert first == {
            "id": "one",
            "object": "model",
            "created": int(file.stat().st_mtime),
            "owned_by": "local",
            "name": "One",
            "context_length": 2048,
            "size_bytes": 1000,
            "architecture": "llama",
            "parameters": 135_000_000,
            "quantization": "Q4_1",
            "license": "apache-2.0",
            "capabilities": ["chat", "tools"],
        }
        assert second["created"] == 0
        assert (await api.send("GET", "/v1/models/One")).json == first
        answer = await api.send("GET", "/v1/models/none")
        assert (answer.status, answer.code) == (404, "model_not_found")


async def test_no_models_is_an_empty_list(tmp_path: Path) -> None:
    async with running_api(tmp_path, models=[]) as api:
        assert (await api.send("GET", "/v1/models")).json == {"object": "list", "data": []}
        answer = await api.send("POST", "/v1/completions", {"prompt": "a"})
        assert (answer.status, answer.code) == (503, "no_model")
        assert answer.headers["x-should-retry"] == "false"
