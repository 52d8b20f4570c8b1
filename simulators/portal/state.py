"""What this portal holds: sessions, dossiers with their steps, and every call it was made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulators import answering
from simulators.control import Misbehaviours
from simulators.shelf import Record, Shelf

BEHAVIOURS = answering.BEHAVIOURS | {"expire_session", "refuse", "hide_dossier", "refuse_login", "bare_lookup"}
_CODE = re.compile(r"(\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(\.\w+)*-(\d{6}|\d{8})-\d{4,7}", re.ASCII)
_TIME = re.compile(r"(\d{14})?", re.ASCII)
_DOSSIER_TIMES = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayKetThucXuLy", "NgayTuChoi")
_STEP_TIMES = ("ThoiDiemXuLy", "NgayBatDau", "NgayKetThucTheoQuyDinh")
_NEEDED = ("MaHoSo", "MaTTHC", "TenTTHC", "ChuHoSo", "TrangThaiHoSo", "NgayNopHoSo")


@dataclass(slots=True)
class Portal:
    """One portal: who may sign in, and its shelf."""

    organisation: str
    username: str
    password: str
    steps_limit: int
    shelf: Shelf
    misbehaviours: Misbehaviours

    def describe(self) -> dict[str, object]:
        """Everything it holds, for ``GET /control/state``."""
        return {
            "dossiers": self.shelf.all("dossier"),
            "steps": self.shelf.all("step"),
            "calls": self.shelf.all("call"),
            "logins": self.shelf.count("login"),
        }

    def note(self, service: str, code: str, outcome: str, **more: str) -> None:
        """Remember one call and what came of it."""
        number = self.shelf.count("call") + 1
        self.shelf.put("call", f"{number:09d}", {"service": service, "code": code, "outcome": outcome, **more})

    def steps_of(self, code: str) -> list[Record]:
        return self.shelf.starting("step", f"{code}|")


def dossier_problem(dossier: object) -> str:
    """Why a dossier object breaks the rules of ``domain.md`` 1.4; "" where it does not."""
    if not isinstance(dossier, dict):
        return "data không phải đối tượng"
    if not _only_strings(dossier):
        return "mọi giá trị phải là chuỗi"
    missing = [field for field in _NEEDED if not dossier.get(field)]
    if missing:
        return f"thiếu {', '.join(missing)}"
    return _common_problem(dossier, "TrangThaiHoSo", _DOSSIER_TIMES)


def step_problem(step: object) -> str:
    """Why a step object breaks the rules; "" where it does not."""
    if not isinstance(step, dict) or not _only_strings(step):
        return "mọi giá trị phải là chuỗi"
    if not step.get("MaHoSo") or not step.get("ThoiDiemXuLy"):
        return "thiếu MaHoSo hoặc ThoiDiemXuLy"
    return _common_problem(step, "TrangThai", _STEP_TIMES)


def _common_problem(content: Mapping[str, object], status: str, times: tuple[str, ...]) -> str:
    if not _CODE.fullmatch(str(content["MaHoSo"])):
        return f"mã hồ sơ {content['MaHoSo']} không đúng quy cách"
    if content.get(status) not in {str(number) for number in range(1, 11)}:
        return f"{status} {content.get(status)} không hợp lệ"
    wrong = [field for field in times if not _TIME.fullmatch(str(content.get(field, "")))]
    return f"sai định dạng thời gian: {', '.join(wrong)}" if wrong else ""


def _only_strings(value: object) -> bool:
    if isinstance(value, dict):
        return all(_only_strings(item) for item in value.values())
    if isinstance(value, list):
        return all(_only_strings(item) for item in value)
    return isinstance(value, str)
