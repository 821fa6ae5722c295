"""Libraries of ours that would report home must not even prepare to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_onnxruntime_keeps_no_device_id(tmp_path: Path) -> None:
    # Its wheels for Linux collect usage data, and upload it where they can, from import on.
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    for name in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    subprocess.run([sys.executable, "-c", "import models.silero"], env=environment, check=True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
