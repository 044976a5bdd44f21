"""devtools.screen: the virtual screen is there for the time of the block, and not longer."""

import shutil
import subprocess
import sys

import pytest
from devtools import screen
from devtools.say import Stopped


@pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("Xvfb"), reason="needs the X server of scripts/test"
)
def test_the_screen_is_there_and_goes():
    def answers(variables: dict[str, str]) -> bool:
        command = ["xdotool", "getdisplaygeometry"]
        done = subprocess.run(command, env=variables, capture_output=True, check=False)
        return done.stdout == b"1600 1200\n"

    with screen.virtual() as variables:
        assert variables["QT_QPA_PLATFORM"] == "xcb"
        where = {"DISPLAY": variables["DISPLAY"], "PATH": "/usr/bin:/bin"}
        assert answers(where)
    assert not answers(where)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no virtual screen")
def test_a_server_that_ends_at_once_is_told(add_program):
    add_program("Xvfb", code=1)
    with pytest.raises(Stopped, match="did not start"), screen.virtual():
        pass
