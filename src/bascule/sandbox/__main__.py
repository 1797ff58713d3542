"""`python -m bascule.sandbox greenhouse --port 8765`: start one sandbox on its own."""

import sys

from .registry import LLM, TOOL, load, names


def main() -> None:
    name, *arguments = sys.argv[1:] or [""]
    if name == TOOL:
        from .aitool.serve import start as follow

        follow(arguments, f"python -m bascule.sandbox {TOOL}")
        return
    if name == LLM:
        from .llm.serve import start as answer

        answer(arguments, f"python -m bascule.sandbox {LLM}")
        return
    if name not in names():
        raise SystemExit(f"usage: python -m bascule.sandbox {{{','.join((*names(), TOOL, LLM))}}} [options]")
    from .kit.server import start

    start(load(name), arguments, f"python -m bascule.sandbox {name}")


if __name__ == "__main__":
    main()
