"""A header is read as it is, or refused with a reason; it never hangs, and never runs away."""

import json
import os
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.errors import ModelError
from router.inference import gguf
from router.inference.gguf import Header, read_header
from router.untrusted import has_hidden
from tests.support import gguf_file
from tests.support.gguf_file import ARRAY, STRING, UINT32, entry, text
from tests.support.model import PROJECT, model_path

VECTORS = PROJECT.parent / "shared" / "vectors" / "gguf-malformed"
WHOLE = gguf_file.gguf()


def read(tmp_path: Path, data: bytes) -> Header:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    return read_header(path)


def refusal(tmp_path: Path, data: bytes) -> str:
    with pytest.raises(ModelError) as raised:
        read(tmp_path, data)
    return raised.value.message


def head(entries: int, tensors: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, entries)


def only(raw_entry: bytes) -> bytes:
    return head(1) + raw_entry + b"\0" * 64


class TestSound:
    def test_says_what_the_file_is(self, tmp_path: Path) -> None:
        header = read(tmp_path, WHOLE)
        assert header.architecture == "llama"
        assert header.licence == "apache-2.0"
        assert header.quantization == "Q8_0"
        assert header.context_tokens == 4096
        assert header.of_architecture("block_count") == 2
        assert header.of_architecture("attention.head_count_kv") == 2
        assert header.chat_template == "{{ messages }}"
        assert header.parameters == 64 * 8 + 64
        assert header.tensors == 2
        assert header.kind == "model"

    def test_reads_version_2(self, tmp_path: Path) -> None:
        assert read(tmp_path, gguf_file.gguf(version=2)).version == 2

    def test_without_a_file_type_the_most_frequent_type_counts(self, tmp_path: Path) -> None:
        values = {**gguf_file.CHAT, "general.file_type": 999}
        assert read(tmp_path, gguf_file.gguf(values)).quantization == "Q8_0"

    def test_a_guessed_file_type_is_named_all_the_same(self, tmp_path: Path) -> None:
        values = {**gguf_file.CHAT, "general.file_type": 1024 + 15}
        assert read(tmp_path, gguf_file.gguf(values)).quantization == "Q4_K_M"

    def test_of_one_number_a_layer_the_largest_counts(self, tmp_path: Path) -> None:
        values = {**gguf_file.CHAT, "llama.attention.head_count_kv": [1, 4, 2]}
        header = read(tmp_path, gguf_file.gguf(values))
        assert header.of_architecture("attention.head_count_kv") == 4

    def test_vocabularies_are_passed_over(self, tmp_path: Path) -> None:
        words = [f"word {n}" for n in range(gguf.KEPT_ARRAY + 1)]
        numbers = list(range(gguf.KEPT_ARRAY + 1))
        values = {"tokens": words, "kinds": numbers, "general.architecture": "llama"}
        header = read(tmp_path, gguf_file.gguf(values))
        assert header.values["tokens"] is None
        assert header.values["kinds"] is None
        assert header.architecture == "llama"

    def test_the_last_tensor_needs_no_padding(self, tmp_path: Path) -> None:
        whole = gguf_file.gguf(tensors=(("x", (5,), gguf_file.F32),))
        assert read(tmp_path, whole[:-12]).parameters == 5
        assert "4 bytes are missing" in refusal(tmp_path, whole[:-16])

    def test_the_bundled_model(self) -> None:
        header = read_header(model_path())
        assert header.architecture == "llama"
        assert header.parameters == 134_515_008
        assert header.quantization == "Q4_1"
        assert header.context_tokens == 8192
        assert "<|im_start|>" in header.chat_template


class TestHostileTexts:
    def test_names_are_inert(self, tmp_path: Path) -> None:
        name = "nice\u202egnp.exe\n<b>bold</b>\x07" + "x" * 500
        keys = ("general.architecture", "general.license", "general.type")
        header = read(tmp_path, gguf_file.gguf({**gguf_file.CHAT, **dict.fromkeys(keys, name)}))
        for shown in (header.architecture, header.licence, header.kind):
            assert not has_hidden(shown)
            assert shown.isprintable()
            assert len(shown) <= 60

    def test_wrong_utf8_is_replaced(self, tmp_path: Path) -> None:
        raw = only(entry("general.name", STRING, text(b"\xff\xfe")))
        assert read(tmp_path, raw).text("general.name") == "��"

    def test_a_text_where_a_number_belongs_is_no_number(self, tmp_path: Path) -> None:
        values = {**gguf_file.CHAT, "llama.context_length": "many", "llama.block_count": True}
        header = read(tmp_path, gguf_file.gguf(values))
        assert header.context_tokens == 0
        assert header.of_architecture("block_count") == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"GG", "not a GGUF"),
        (b"PK\3\4" + b"\0" * 60, "not a GGUF"),
        (b"<!doctype html>", "web page"),
        (b"version https://git-lfs", "Git LFS"),
        (b"GGUF\0\0\0\3" + b"\0" * 24, "big-endian"),
        (head(0, version=1), "version 1"),
        (head(2**64 - 1), "claims"),
        (head(0, tensors=2**31), "claims"),
        (head(5) + b"\0" * 8, "cut off"),
        (only(entry("", UINT32, b"\0" * 4)), "no name"),
        (only(entry("x", 13, b"\0" * 4)), "unknown type"),
        (only(entry("x", 7, b"\2")), "neither"),
        (only(entry("x", STRING, struct.pack("<Q", 2**40))), "impossibly long"),
        (only(entry("x", STRING, struct.pack("<Q", 2**20))), "ends early"),
        (only(entry("x", ARRAY, struct.pack("<IQ", UINT32, 2**62))), "claims"),
        (only(entry("x", ARRAY, struct.pack("<IQ", STRING, 2**30))), "claims"),
        (only(entry("x", ARRAY, struct.pack("<IQ", ARRAY, 1))), "unknown type"),
        (only(entry("general.alignment", UINT32, struct.pack("<I", 12))), "alignment"),
        (only(entry("general.alignment", UINT32, struct.pack("<I", 0))), "alignment"),
        (only(entry("general.alignment", 10, struct.pack("<Q", 32))), "alignment"),
        (gguf_file.gguf(cut=4096 // 8), "ends early"),
        (gguf_file.gguf(tensors=gguf_file.TENSORS * 2), "twice"),
        (gguf_file.gguf(tensors=(("x" * 64, (32,), 0),)), "impossibly long"),
        (gguf_file.gguf(tensors=(("x", (), 0),)), "dimensions"),
        (gguf_file.gguf(tensors=(("x", (1,) * 5, 0),)), "dimensions"),
        (gguf_file.gguf(tensors=(("x", (33,), gguf_file.Q8_0),)), "number format"),
    ],
)
def test_refuses_with_a_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    assert reason in refusal(tmp_path, data)


def test_tensors_must_lie_one_behind_the_other(tmp_path: Path) -> None:
    first = text("a") + struct.pack("<IQIQ", 1, 8, 0, 0)
    second = text("b") + struct.pack("<IQIQ", 1, 8, 0, 0)
    message = refusal(tmp_path, head(0, tensors=2) + first + second + b"\0" * 256)
    assert "not where they should be" in message


@pytest.mark.parametrize("kind", [4, 31, 255, 2**32 - 1])
def test_refuses_unknown_number_formats(tmp_path: Path, kind: int) -> None:
    tensor = text("a") + struct.pack("<IQIQ", 1, 8, kind, 0)
    assert "number format" in refusal(tmp_path, head(0, tensors=1) + tensor + b"\0" * 256)


@pytest.mark.parametrize("shape", [(2**63,), (2**32, 2**32), (2**62, 1, 1, 2)])
def test_refuses_impossible_shapes(tmp_path: Path, shape: tuple[int, ...]) -> None:
    sides = b"".join(struct.pack("<Q", side) for side in shape)
    tensor = text("a") + struct.pack("<I", len(shape)) + sides + struct.pack("<IQ", 0, 0)
    assert "impossibly large" in refusal(tmp_path, head(0, tensors=1) + tensor + b"\0" * 256)


def test_the_sum_of_tensors_cannot_run_over(tmp_path: Path) -> None:
    side = (2**63 - 64) // 4
    tensors = b"".join(
        text(name) + struct.pack("<IQIQ", 1, side, 0, offset)
        for name, offset in (("a", 0), ("b", 2**63 - 64))
    )
    assert "impossibly large" in refusal(tmp_path, head(0, tensors=2) + tensors + b"\0" * 256)


def test_many_texts_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    with path.open("wb") as file:
        file.write(only(entry("x", ARRAY, struct.pack("<IQ", STRING, gguf.MOST_TEXTS + 1))))
        file.truncate(2**36)  # sparse: 64 GB that take no room
    with pytest.raises(ModelError, match="claims"):
        read_header(path)


def test_texts_are_not_kept_without_end(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    length = gguf.LONGEST_STRING
    with path.open("wb") as file:
        file.write(head(8))
        for number in range(8):
            file.write(entry(f"text {number}", STRING, struct.pack("<Q", length)))
            file.seek(length, 1)
        file.truncate(file.tell() + 64)
    with pytest.raises(ModelError, match="texts are impossibly long"):
        read_header(path)


def test_a_missing_file_is_named_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no longer there"):
        read_header(tmp_path / "gone.gguf")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a file"):
        read_header(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(ModelError, match="not a file"):
        read_header(tmp_path / "pipe.gguf")


def test_a_name_no_system_takes_is_refused() -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_header(Path("a\0b.gguf"))


@given(st.integers(0, len(WHOLE) - 1))
def test_any_cut_is_refused(tmp_path_factory: pytest.TempPathFactory, at: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "model.gguf"
    path.write_bytes(WHOLE[:at])
    with pytest.raises(ModelError):
        read_header(path)


@given(st.lists(st.tuples(st.integers(0, 700 * 8), st.integers(1, 255)), min_size=1, max_size=8))
@example([(11, 255), (15, 255)])
def test_flipped_bits_are_read_or_refused_but_never_more(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]]
) -> None:
    data = bytearray(WHOLE)
    for at, mask in flips:
        data[at % len(data)] ^= mask
    read_or_refused(tmp_path_factory.mktemp("bits") / "model.gguf", bytes(data))


@given(st.binary(max_size=400))
def test_noise_after_the_magic_is_read_or_refused_but_never_more(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes
) -> None:
    data = b"GGUF" + struct.pack("<IQQ", 3, 1, 2) + noise
    read_or_refused(tmp_path_factory.mktemp("noise") / "model.gguf", data)


def read_or_refused(path: Path, data: bytes) -> None:
    """Read a file; anything but ModelError fails the test."""
    path.write_bytes(data)
    read_inertly(path)


def read_inertly(path: Path) -> bool:
    """Whether a file was accepted; what is shown of it, or said against it, must be inert."""
    try:
        header = read_header(path)
    except ModelError as error:
        shown: tuple[str, ...] = (error.message,)
        accepted = False
    else:
        shown, accepted = shown_texts(header), True
    assert all(words.isprintable() and not has_hidden(words) for words in shown)
    return accepted


def shown_texts(header: Header) -> tuple[str, ...]:
    return (
        header.architecture,
        header.licence,
        header.kind,
        header.quantization,
        str(header.context_tokens),
    )


def manifest() -> list[dict[str, Any]]:
    file = VECTORS / "manifest.json"
    listed: list[dict[str, Any]] = json.loads(file.read_text("utf-8")) if file.exists() else []
    return listed


@pytest.mark.skipif(not VECTORS.exists(), reason=f"there is no {VECTORS.name} in ../shared/vectors")
class TestCollection:
    def test_is_whole(self) -> None:
        assert len(manifest()) == 54

    @pytest.mark.parametrize("case", manifest(), ids=lambda case: case["file"])
    def test_file(self, case: dict[str, Any]) -> None:
        path = VECTORS / case["file"]
        assert case["must_accept"] in (None, read_inertly(path))
