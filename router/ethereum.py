"""Brings in the Ethereum libraries and undoes what they do to Python.

Importing eth_account raises the recursion limit to 100,000 (through py_ecc); a deeply nested
text then overflows the stack and ends the process. The packages that use these libraries import
this module first, so that the limit is put back once and for all.
"""

import sys

_before = sys.getrecursionlimit()

import eth_account  # noqa: E402, F401

sys.setrecursionlimit(_before)
