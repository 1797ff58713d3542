"""`python -m bascule.sandbox greenhouse --port 8765`: start one sandbox on its own."""

import sys

from .registry import PROGRAMS, load, names, program


def main() -> None:
    name, *arguments = sys.argv[1:] or [""]
    if name in PROGRAMS:
        program(name)(arguments, f"python -m bascule.sandbox {name}")
        return
    if name not in names():
        raise SystemExit(f"usage: python -m bascule.sandbox {{{','.join((*names(), *PROGRAMS))}}} [options]")
    from .kit.server import start

    start(load(name), arguments, f"python -m bascule.sandbox {name}")


if __name__ == "__main__":
    main()
