"""Entry of the app, and of the model's process when the app is one frozen file.

`--inference-worker` is looked at before anything of Qt is imported: the worker shall be small.
"""

import sys


def main(argv: list[str] | None = None) -> int:
    """Run what the command line asks for; the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["--inference-worker"]:
        from router.inference.worker import main as work  # start-up cost, see above

        work()
    from router import options as command_line  # start-up cost, see above

    parser = command_line.parser("morpheus-desktop", "Chat with models on your own computer.")
    parser.add_argument(
        "--selftest", action="store_true", help="check that every part works here, then exit"
    )
    options = parser.parse_args(arguments)
    if options.selftest:
        from morpheus_desktop.selftest import selftest

        return selftest()
    from morpheus_desktop.app import run

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
