"""The national portal's dossier and step objects, its replies, and our words for them. Pure: no network, no clock.

Every value is a string and every time ``yyyyMMddHHmmss`` in Asia/Ho_Chi_Minh (``domain.md`` 1.4). Statuses are the
real ones, 1-10 (``domain.md`` 1.5): nothing is made up to look better in the national statistics.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from adapters.wire.partner_json import read_json
from adapters.wire.payload_shape import require_shape
from gateway.errors import Malformed
from gateway.model import VIETNAM
from gateway.partners import DossierApi
from gateway.payloads import DossierStep, DossierSync

_DOSSIER_CODE = re.compile(r"(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\w+)*-(?:\d{6}|\d{8})-\d{4,7}", re.ASCII)
# "Không thành công" says the opposite of "thành công", "phiên bản" is a version and no session.
_FAILED = re.compile(r"(không|chưa) (được )?thành công|thất bại")
_SESSION = re.compile(r"\bsession\b|\bphiên(?! bản)\b")
_PAID = {"paid": "1", "unpaid": "3", "not_online": "0"}
_OWNER_ID_KINDS = {1: "1"}  # 1 a person's, 2 any other (domain.md 1.4)
_FEE_NAMES = {"phi": "PHI", "le_phi": "LEPHI", "cuoc": "CUOC"}
PROVINCE_PORTAL = "2"
ORDINARY_FEE = "1"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the portal answered: ``code`` is its error_code as text ("" for a plain-text reply)."""

    code: str
    message: str
    result: Sequence[Mapping[str, object]]

    @property
    def succeeded(self) -> bool:
        """Code 0, and a message, where there is one, that says so; a plain text that says so (domain.md 1.3)."""
        if self.code == "0" and not self.message:
            return True
        text = self.message.casefold()
        return self.code in ("0", "") and "thành công" in text and not _FAILED.search(text)

    @property
    def already_exists(self) -> bool:
        """The portal has the dossier already: the update is what it wants (domain.md 1.3)."""
        return self.code in ("0", "3", "-3") and "đã tồn tại" in self.message.casefold()

    @property
    def session_expired(self) -> bool:
        """UNSOURCED: any failure that speaks of the session (domain.md 1.2)."""
        return self.code not in ("0", "") and _SESSION.search(self.message.casefold()) is not None


def decode_reply(body: bytes) -> Reply:
    """A JSON or plain-text reply. Raises Malformed with code ``bad-portal-reply`` for anything else."""
    try:
        text = unicodedata.normalize("NFC", body.decode("utf-8-sig")).strip()
    except UnicodeDecodeError as error:
        raise _bad_reply(f"not UTF-8 at byte {error.start}") from error
    if not text:
        raise _bad_reply("it is empty")
    if text[0] not in '{["':
        if text[0] == "<" or not text.isprintable():
            raise _bad_reply("neither JSON nor a sentence")
        return Reply("", text, ())
    try:
        content = read_json(text)
    except ValueError as error:
        raise _bad_reply(f"not JSON: {error}") from error
    if isinstance(content, str):
        return Reply("", content, ())
    if not isinstance(content, dict) or not isinstance(content.get("error_code"), str | int):
        raise _bad_reply("no error_code in it")
    result = content.get("result") or []
    if not isinstance(result, list) or not all(isinstance(item, dict) for item in result):
        raise _bad_reply("result is not a list of objects")
    return Reply(str(content["error_code"]), str(content.get("message") or ""), result)


def portal_code(dossier_code: str, api: DossierApi) -> str:
    """The dossier code the portal knows: ours where it conforms, else the mapping table's; never an invented one.

    Raises Malformed with code ``dossier-code-not-conforming``.
    """
    code = api.dossier_codes.get(dossier_code, dossier_code)
    if not _DOSSIER_CODE.fullmatch(code):
        raise Malformed(
            f"the dossier code {code!r} does not fit the national grammar",
            code="dossier-code-not-conforming",
            where="dossier_api.dossier_codes",
            action="add the national code of this dossier to the mapping table, then release the message",
        )
    return code


def encode_dossier(payload: Mapping[str, object], api: DossierApi) -> dict[str, object]:
    """The dossier object of ``data[]``.

    Raises Malformed: ``payload-incomplete``, ``dossier-code-not-conforming``, ``unknown-status``, ``bad-time``,
    ``bad-amount``.
    """
    require_shape(payload, DossierSync)
    dossier = cast(DossierSync, payload)
    code = portal_code(dossier["dossier_code"], api)
    owner_ids = [
        {
            "LoaiDinhDanh": _OWNER_ID_KINDS.get(dossier["owner_type"], "2"),
            "SoDinhDanh": dossier["owner_id_number"],
        }
    ]
    return {
        "MaHoSo": code,
        **_what_and_whose(dossier),
        **_how_it_stands(dossier, api),
        "DinhDanhCHS": owner_ids if dossier["owner_id_number"] else [],
        "TaiLieuNop": [],
        "DanhSachLePhi": _fees(dossier, code),
        "DanhSachTepDinhKemKhac": [],
        "DanhSachHoSoBoSung": [],
        "DanhSachGiayToKetQua": [],
    }


def _what_and_whose(dossier: DossierSync) -> dict[str, str]:
    return {
        "MaTTHC": dossier["procedure_code"],
        "TenTTHC": dossier["procedure_name"],
        "MaLinhVuc": dossier["field_code"],
        "TenLinhVuc": dossier["field_name"],
        "KenhThucHien": str(dossier["channel"]),
        "ChuHoSo": dossier["owner_name"],
        "SoGiayToChuHoSo": dossier["owner_id_number"],
        "LoaiDoiTuong": str(dossier["owner_type"]),
        "MaDoiTuong": "",
        "ThongTinKhac": "",
        "Email": dossier["email"],
        "Fax": "",
        "SoDienThoai": dossier["phone"],
        "TrichYeuHoSo": dossier["summary"],
    }


def _how_it_stands(dossier: DossierSync, api: DossierApi) -> dict[str, str]:
    return {
        "NgayNopHoSo": portal_time(dossier["submitted_at"], "NgayNopHoSo"),
        "NgayTiepNhan": portal_time(dossier["accepted_at"], "NgayTiepNhan"),
        "NgayHenTra": portal_time(dossier["due_at"], "NgayHenTra"),
        "NgayTra": portal_time(dossier["returned_at"], "NgayTra"),
        "NgayKetThucXuLy": portal_time(dossier["finished_at"], "NgayKetThucXuLy"),
        "NgayTuChoi": portal_time(dossier["refused_at"], "NgayTuChoi"),
        "TrangThaiHoSo": portal_status(dossier["status"], api),
        "ThongTinTra": "",
        "HinhThuc": "1" if dossier["returns_by_post"] else "0",
        "DonViXuLy": dossier["unit_name"],
        "GhiChu": "",
        "NoiNopHoSo": PROVINCE_PORTAL,
        "DuocThanhToanTrucTuyen": _PAID[dossier["paid_online"]],
    }


def encode_step(payload: Mapping[str, object], api: DossierApi) -> dict[str, str]:
    """The step object of ``data[]``. Raises Malformed as ``encode_dossier`` does."""
    require_shape(payload, DossierStep)
    step = cast(DossierStep, payload)
    return {
        "MaHoSo": portal_code(step["dossier_code"], api),
        "NguoiXuLy": step["officer"],
        "ChucDanh": step["officer_title"],
        "ThoiDiemXuLy": portal_time(step["processed_at"], "ThoiDiemXuLy"),
        "PhongBanXuLy": step["unit_name"],
        "NoiDungXuLy": step["content"],
        "TrangThai": portal_status(step["status"], api),
        "NgayBatDau": portal_time(step["started_at"], "NgayBatDau"),
        "NgayKetThucTheoQuyDinh": portal_time(step["due_at"], "NgayKetThucTheoQuyDinh"),
    }


def portal_status(status: int, api: DossierApi) -> str:
    """The portal's status of one of ours, through the configured table. Raises Malformed (``unknown-status``)."""
    mapped = api.statuses.get(str(status), status)
    if isinstance(mapped, bool) or not isinstance(mapped, int) or not 1 <= mapped <= 10:
        raise Malformed(
            f"the dossier status {status!r} is none of 1-10",
            code="unknown-status",
            where="TrangThaiHoSo",
            action="correct the status in the dossier system, or the table dossier_api.statuses",
        )
    return str(mapped)


def portal_time(moment: str | None, field: str) -> str:
    """``yyyyMMddHHmmss`` in Vietnam of an ISO time with offset; "" for none. Raises Malformed (``bad-time``)."""
    if not moment:
        return ""
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise Malformed(f"{moment!r} is not a time with offset", code="bad-time", where=field, action="send it anew")
    return parsed.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")


def _fees(dossier: DossierSync, code: str) -> list[dict[str, str]]:
    fees = []
    for fee in dossier["fees"]:
        amount = fee["amount"]
        if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
            raise Malformed(
                f"the fee {amount!r} is not a whole number of đồng above 0",
                code="bad-amount",
                where=f"dossier {code}",
                action="correct the fee in the dossier system",
            )
        fees.append(
            {
                "TenPhiLePhi": fee["name"],
                "MaPhiLePhi": _FEE_NAMES[fee["kind"]],
                "HinhThucThu": "1",
                "Gia": str(amount),
                "LoaiPhiLePhi": ORDINARY_FEE,
            }
        )
    return fees


def _bad_reply(message: str) -> Malformed:
    return Malformed(message, code="bad-portal-reply", where="the portal's reply", action="ask the portal's support")
