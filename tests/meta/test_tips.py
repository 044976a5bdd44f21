"""Tooltips are set in one place, which keeps Qt from taking text for markup."""

import re

from tests.meta.sources import ROOT, modules

ONLY_HERE = "morpheus_desktop/widgets/tip.py"
CALL = re.compile(r"\.setToolTip\(|QToolTip\.showText\(|\.setWhatsThis\(")


def test_only_one_module_sets_tooltips():
    calling = [
        path.as_posix()
        for path in modules("morpheus_desktop")
        if CALL.search((ROOT / path).read_text("utf-8"))
    ]
    assert calling == [ONLY_HERE]
