"""Entry of the app, and of its child processes when the app is one frozen file.

`--inference-worker` and `--demo-chain` are looked at before anything of Qt is imported: the
children shall be small.
"""

import sys


def main(argv: list[str] | None = None) -> int:
    """Run what the command line asks for; the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["--inference-worker"]:
        from router.inference.worker import main as work  # start-up cost, see above

        work()
    if arguments[:1] == ["--demo-chain"]:
        from router.devnet.__main__ import main as serve  # start-up cost, see above

        return serve(arguments[1:])
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
