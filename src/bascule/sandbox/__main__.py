"""`python -m bascule.sandbox greenhouse --port 8765`: start one sandbox on its own."""

import argparse

from .greenhouse import server


def main() -> None:
    line = argparse.ArgumentParser(prog="python -m bascule.sandbox")
    systems = line.add_subparsers(dest="system", required=True)
    server.parser(systems.add_parser("greenhouse", help="Harvest v3, webhooks, careers page and a small ATS"))
    values = line.parse_args()
    try:
        options = server.options_of(values)
    except (ValueError, OSError) as error:
        line.error(str(error))
    server.serve(values.port, options, until_eof=values.until_eof)


if __name__ == "__main__":
    main()
