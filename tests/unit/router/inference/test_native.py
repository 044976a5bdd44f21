"""The native library through our thin layer, with the real model."""

import math
import threading
from pathlib import Path

import pytest

from router.errors import ModelError
from router.inference import native
from router.inference.abort import AbortFlag
from tests.support.model import model_path

pytestmark = [pytest.mark.model, pytest.mark.slow]


def test_facts_of_the_file(model: native.Model) -> None:
    assert model.metadata("general.architecture")
    assert model.metadata("no.such.key") is None
    assert model.trained_context >= 1024
    assert model.parameters > 1_000_000
    assert "messages" in model.chat_template()
    assert model.chat_template("no such template") == ""


@pytest.mark.parametrize("text", ["Hello world", "Grüße 🙂 日本語", "", "a\x00b", " \n\t"])
def test_text_to_tokens_and_back(model: native.Model, text: str) -> None:
    tokens = model.tokens(text, special=False)
    assert b"".join(map(model.piece, tokens)).decode() == text


def test_half_characters_do_not_fail(model: native.Model) -> None:
    assert model.tokens("\ud800", special=False) == model.tokens("?", special=False)


def test_control_tokens_only_where_they_are_meant(model: native.Model) -> None:
    mark = model.control_texts()[0]
    assert len(model.tokens(mark, special=True)) == 1
    spelled = model.tokens(mark, special=False)
    assert len(spelled) > 1
    assert b"".join(map(model.piece, spelled)).decode() == mark
    assert model.piece(model.tokens(mark, special=True)[0]) == b""


def test_names_of_tokens(model: native.Model) -> None:
    assert model.ends_answer(model.eos)
    assert model.name(model.eos) in model.control_texts()
    assert model.name(-1) == ""


def test_what_is_kept_need_not_be_read_again(model: native.Model, context: native.Context) -> None:
    tokens = model.tokens("one two three four", special=False)
    context.add(tokens)
    assert context.read == tokens
    assert context.keep(2) == 2
    assert context.read == tokens[:2]
    context.add_one(tokens[2])
    assert context.read == tokens[:3]
    assert context.keep(0) == 0


def test_a_full_context_says_so(model: native.Model, context: native.Context) -> None:
    token = model.tokens("a", special=False)[0]
    context.add([token] * context.size)
    with pytest.raises(native.ContextFull):
        context.add_one(token)
    assert len(context.read) == context.size
    context.keep(1)
    context.add_one(token)


def test_a_raised_flag_stops_at_once(
    model: native.Model, context: native.Context, flag: AbortFlag
) -> None:
    flag.set(raised=True)
    with pytest.raises(native.Stopped):
        context.add(model.tokens("hello", special=False))
    assert context.read == []


def test_a_flag_raised_while_a_batch_is_computed_stops_it(
    model: native.Model, context: native.Context, flag: AbortFlag
) -> None:
    # One batch, so that nothing between batches can be what stops it.
    tokens = model.tokens("word " * 400, special=False)
    assert len(tokens) < native.BATCH_TOKENS
    timer = threading.Timer(0.02, lambda: flag.set(raised=True))
    timer.start()
    with pytest.raises(native.Stopped):
        context.add(tokens)
    assert context.read == []
    timer.join()
    flag.set(raised=False)
    context.keep(0)
    context.add(tokens[:10])


def test_vectors_have_length_one_and_know_what_is_alike(
    model: native.Model, lowered: AbortFlag
) -> None:
    context = native.Context(model, 256, 1, lowered, embeddings=True)
    texts = ["The cat sleeps.", "A cat is sleeping.", "def f(x): return x"]
    vectors = [context.vector(model.tokens(text, special=False)) for text in texts]
    for vector in vectors:
        assert math.isclose(sum(value * value for value in vector), 1, rel_tol=1e-5)
    again = context.vector(model.tokens(texts[0], special=False))
    assert again == vectors[0]
    one, two = (sum(a * b for a, b in zip(vectors[0], other, strict=True)) for other in vectors[1:])
    assert one > two
    context.close()
    context.close()


def test_progress_is_told_and_may_give_up() -> None:
    parts: list[float] = []

    def tell(part: float) -> bool:
        parts.append(part)
        return len(parts) < 3

    with pytest.raises(native.Stopped):
        native.Model(str(model_path()), 0, tell)
    assert parts == sorted(parts)
    assert len(parts) == 3


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(60))
    for path, reason in (("bad.gguf", "cannot be loaded"), ("gone.gguf", "no longer where it was")):
        with pytest.raises(ModelError, match=reason):
            native.Model(str(tmp_path / path), 0, lambda part: True)


def test_native_warnings_go_to_stderr_whatever_bytes_they_are(
    capfd: pytest.CaptureFixture[str],
) -> None:
    native._log(3, b"a warning \xff\n", None)
    native._log(2, b"an info\n", None)
    assert capfd.readouterr().err == "a warning \ufffd\n"
