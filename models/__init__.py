"""Ears, voice and understanding: one file per engine, behind the Protocols of `base`."""

import os

# OpenMP threads (CTranslate2's) otherwise spin while they wait for one another. On a busy box
# that cost 3-9 s a question instead of 0.5 s. Read once, when the library loads.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# From 1.31 on, onnxruntime writes a device id and sends usage data as soon as it is imported.
# A kiosk sends nothing that its owner has not asked for.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
