"""Puts the folder of the test double before the gateway's own, for every Python that has this folder on its path."""

from __future__ import annotations

from pathlib import Path

import gateway

gateway.__path__.insert(0, str(Path(__file__).parent / "gateway_double"))
