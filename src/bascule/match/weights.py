"""The token vectors of WordLlama: data files of a package whose code is never imported.

Its wheels reach up to Python 3.13, and building it needs a compiler, though the data is the same in every wheel. On a
newer Python `python -m bascule.match.weights` (which `make setup` runs) takes the files out of a wheel for an older
one, with its licence, by pip or uv.
"""

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

PACKAGE, VERSION = "wordllama", "0.4.0.post1"
DATA = ("weights/l2_supercat_256.safetensors", "tokenizers/l2_supercat_tokenizer_config.json")
COMMAND = "python -m bascule.match.weights"


def files() -> tuple[Path, Path]:
    """The file of vectors and the file of the tokenizer. Raises FileNotFoundError, saying what to type."""
    found = _found()
    if found is None:
        raise FileNotFoundError(f"the data files of {PACKAGE} {VERSION} are not installed: run `{COMMAND}`")
    return found


def _found() -> tuple[Path, Path] | None:
    spec = importlib.util.find_spec(PACKAGE)
    # Without code it is a namespace, which has places and no origin.
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        vectors, words = (Path(folder) / name for name in DATA)
        if vectors.is_file() and words.is_file():
            return vectors, words
    return None


def install(target: Path) -> None:
    """Put the data files and the licence into target/wordllama. Raises CalledProcessError when the wheel cannot be
    had."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([*_installer(), "--target", scratch, "--no-deps", f"{PACKAGE}=={VERSION}"], check=True)
        for name in DATA:
            (target / PACKAGE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(Path(scratch) / PACKAGE / name, target / PACKAGE / name)
        for licence in Path(scratch).glob(f"{PACKAGE}-*.dist-info/**/LICENSE*"):
            shutil.copy(licence, target / PACKAGE / licence.name)


def _installer() -> list[str]:
    """pip, or uv where the environment has no pip; either takes a wheel for another Python."""
    if importlib.util.find_spec("pip"):
        wheel = ["--only-binary=:all:", "--python-version=3.13", "--platform=manylinux2014_x86_64"]
        return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wheel]
    wheel = ["--only-binary=:all:", "--python-version=3.13", "--python-platform=x86_64-manylinux2014"]
    return [shutil.which("uv") or "uv", "pip", "install", "--quiet", *wheel]


if __name__ == "__main__":
    if _found() is None:
        install(Path(sysconfig.get_path("purelib")))
        importlib.invalidate_caches()
    for file in files():
        print(file)
