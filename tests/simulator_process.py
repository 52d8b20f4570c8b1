"""A partner simulator as the process it is: started, asked through its control API, stopped and started again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

REPOSITORY = Path(__file__).resolve().parents[1]


class Simulator:
    """One running simulator. Only the process started here is ever ended."""

    def __init__(
        self, program: str, *, state: Path, certs: Path, environ: Mapping[str, str], arguments: Sequence[str] = ()
    ) -> None:
        self.program, self.state, self._certs, self._environ = program, state, certs, environ
        self._arguments = arguments
        self.start()

    def start(self, port: int = 0) -> None:
        """Start it and wait for its greeting."""
        command = [sys.executable, "-m", f"simulators.{self.program}", "--port", str(port)]
        command += ["--state", str(self.state), "--certs", str(self._certs), *self._arguments]
        self._process = subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **self._environ}, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the simulator {self.program} did not start"
        self.greeting: dict[str, Any] = json.loads(line)
        self.url = f"https://127.0.0.1:{self.greeting['port']}"
        self._control = httpx.Client(base_url=f"http://127.0.0.1:{self.greeting['control']}/control", timeout=30)

    def stop(self) -> None:
        """End the process and wait for it."""
        self._control.close()
        self._process.kill()
        self._process.wait(timeout=20)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def restart(self) -> None:
        """Kill it as a crash would and start it again at the same port."""
        port = int(self.greeting["port"])
        self.stop()
        self.start(port)

    def misbehave(self, behaviour: str, **more: object) -> None:
        self._control.post("/misbehave", json={"behaviour": behaviour, **more}).raise_for_status()

    def behave(self) -> None:
        self._control.post("/reset").raise_for_status()

    def act(self, act: str, **more: object) -> dict[str, Any]:
        answer = self._control.post("/act", json={"act": act, **more})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def holds(self) -> dict[str, Any]:
        """Everything it holds."""
        return dict(self._control.get("/state").raise_for_status().json())
