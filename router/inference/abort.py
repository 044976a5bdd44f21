"""A flag that one thread raises and native code sees while it computes on another."""

import ctypes
import sys


class AbortFlag:
    """One byte that llama.cpp looks at about 600 times per token while it computes.

    The look is done by `strlen` of the C library, so that it costs nothing: a callback in
    Python would take the interpreter lock each time, which is 3 to 5 percent of the speed of
    a small model and stalls while another thread holds the lock. `strlen` of an empty text is
    0, "go on"; of a text of one character it is 1, "abort".

    Attributes:
        function: for llama.cpp's abort_callback; cast it to that type.
        address: for its abort_callback_data.
    """

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(2)
        self.address = ctypes.addressof(self._text)
        library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
        self.function = library.strlen

    @property
    def raised(self) -> bool:
        """Whether computing is to end."""
        return self._text.raw[0] != 0

    def set(self, *, raised: bool) -> None:
        """Raise or lower the flag; any thread may do so."""
        self._text[0] = b"\x01" if raised else b"\x00"
