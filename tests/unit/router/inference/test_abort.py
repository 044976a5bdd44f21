"""The flag as native code sees it."""

import ctypes

from router.inference.abort import AbortFlag


def test_native_code_reads_what_python_set() -> None:
    flag = AbortFlag()
    look = ctypes.cast(flag.function, ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p))
    assert (flag.raised, look(flag.address)) == (False, False)
    flag.set(raised=True)
    assert (flag.raised, look(flag.address)) == (True, True)
    flag.set(raised=False)
    assert (flag.raised, look(flag.address)) == (False, False)
