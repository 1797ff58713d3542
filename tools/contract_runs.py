"""Runs the contract for every connector that comes with Bascule, and keeps when, on what, and what came of it.

    python -m tools.contract_runs

writes `src/bascule/connectors/last_runs.json`, which `bascule connectors NAME` and its page show. A connector that
breaks a promise keeps what was written of it before, and the exit code is 1.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from bascule.connectors import registry

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "src" / "bascule" / "connectors" / "last_runs.json"
SUITE = ("tests/contracts/connector/test_promises.py", "tests/contracts/connector/test_in_step.py")


def run() -> dict[str, Counter[str]]:
    """By connector: how many promises were kept, broken and left out."""
    with tempfile.TemporaryDirectory(prefix="bascule-contract-") as folder:
        report = Path(folder) / "report.xml"
        line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *SUITE]
        subprocess.run(line, cwd=ROOT, check=False)
        return counted(report)


def counted(report: Path) -> dict[str, Counter[str]]:
    found = {name: Counter[str]() for name in registry.BUILT_IN}
    for case in ElementTree.parse(report).iter("testcase"):
        words = re.split(r"[\[\]-]", case.get("name", ""))
        of = next((name for name in found if name in words[1:]), None)
        if of is not None:
            tags = {child.tag for child in case}
            found[of]["broken" if tags & {"failure", "error"} else "left out" if "skipped" in tags else "kept"] += 1
    return found


def main() -> None:
    kept: dict[str, str] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    today, broken = datetime.now(UTC).date().isoformat(), list[str]()
    for name, each in run().items():
        if each["broken"] or not each["kept"]:
            broken.append(name)
            print(f"{name}: {each['broken']} promises broken, {each['kept']} kept")
        else:
            left = f", {each['left out']} left out" if each["left out"] else ""
            kept[name] = (
                f"{today}, with Bascule {version('bascule')}: {each['kept']} promises of the contract kept{left}"
            )
    KEPT.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", "utf-8")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
