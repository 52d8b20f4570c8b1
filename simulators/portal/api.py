"""The portal's session API behind the national adapter's path (``domain.md`` 1.1 - 1.3)."""

from __future__ import annotations

import hmac
import json
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulators.answering import answer
from simulators.portal.state import Portal, dossier_problem, step_problem
from simulators.shelf import Record

PREFIX = "/XrdAdapter/RestService/forward"
Body = dict[str, object]


def routes(portal: Portal) -> list[Route]:
    """The routes of the portal's own protocol."""

    async def login(request: Request) -> Response:
        body = _body(await request.body())
        known = hmac.compare_digest(str(body.get("password")).encode(), portal.password.encode())
        if (
            portal.misbehaviours.take("refuse_login") is not None
            or body.get("username") != portal.username
            or not known
        ):
            return _reply("1", "Sai tài khoản hoặc mật khẩu")
        session = secrets.token_urlsafe(24)
        portal.shelf.put("session", session, {})
        portal.shelf.put("login", session, {})
        return JSONResponse({"session": session, "error_code": 0})

    async def call(request: Request) -> Response:
        body = _body(await request.body())
        service, code = str(body.get("service")), _code_of(body)
        facts = {"operation": service, "dossier_code": code}
        if portal.misbehaviours.take("expire_session", **facts) is not None:
            portal.shelf.remove("session")
        problem = _not_let_in(portal, request, body)
        if problem is not None:
            return problem
        if (refusal := portal.misbehaviours.take("refuse", **facts)) is not None:
            portal.note(service, code, "refused")
            return _reply(str(refusal.get("code", "9")), str(refusal.get("message", "Từ chối theo yêu cầu thử nghiệm")))

        async def process() -> Response:
            return _operation(portal, service, body)

        return await answer(portal.misbehaviours, process, **facts)

    return [
        Route(f"{PREFIX}/mapi/login", login, methods=["POST"]),
        Route(f"{PREFIX}/mapi/g", call, methods=["POST"]),
    ]


def _not_let_in(portal: Portal, request: Request, body: Body) -> Response | None:
    if portal.shelf.get("session", str(body.get("session"))) is None:
        return _reply("-1", "Phiên làm việc đã hết hạn (session expired)")
    if not (request.query_params.get("dstcode") or request.headers.get("dstcode")):
        return _reply("5", "Thiếu dstcode")
    if body.get("madonvi") != portal.organisation:
        return _reply("6", f"Mã đơn vị {body.get('madonvi')} không được phép")
    return None


def _operation(portal: Portal, service: str, body: Body) -> Response:
    operations = {"DongBoHoSoMC": _sync, "CapNhatTienDoHoSoMC": _steps, "TraCuuHoSo": _find}
    operation = operations.get(service)
    return _reply("7", f"Không có dịch vụ {service}") if operation is None else operation(portal, body)


def _sync(portal: Portal, body: Body) -> Response:
    updating, data = body.get("isUpdating"), body.get("data")
    if updating not in ("True", "False") or not isinstance(data, list) or not data:
        return _reply("2", "isUpdating hoặc data không hợp lệ")
    for dossier in data:
        problem = dossier_problem(dossier)
        if problem:
            portal.note("DongBoHoSoMC", _code_of(body), "invalid", problem=problem)
            return _reply("2", problem)
    exists = [dossier["MaHoSo"] for dossier in data if portal.shelf.get("dossier", dossier["MaHoSo"]) is not None]
    if updating == "False" and exists:
        portal.note("DongBoHoSoMC", exists[0], "exists")
        return _reply("3", f"Hồ sơ {exists[0]} đã tồn tại")
    if updating == "True" and len(exists) < len(data):
        portal.note("DongBoHoSoMC", _code_of(body), "missing")
        return _reply("4", "Hồ sơ chưa có trên Cổng")
    for dossier in data:
        code = str(dossier["MaHoSo"])
        portal.shelf.put("dossier", code, dossier)
        portal.note(
            "DongBoHoSoMC", code, "updated" if updating == "True" else "created", status=dossier["TrangThaiHoSo"]
        )
    return _reply("0", "Đồng bộ hồ sơ thành công")


def _steps(portal: Portal, body: Body) -> Response:
    data = body.get("data")
    if not isinstance(data, list) or not 1 <= len(data) <= portal.steps_limit:
        return PlainTextResponse(f"Cập nhật thất bại: mỗi lần 1-{portal.steps_limit} tiến trình")
    for step in data:
        problem = step_problem(step)
        if not problem and portal.shelf.get("dossier", str(step["MaHoSo"])) is None:
            problem = f"không tìm thấy hồ sơ {step['MaHoSo']}"
        if problem:
            portal.note("CapNhatTienDoHoSoMC", _code_of(body), "invalid", problem=problem)
            return PlainTextResponse(f"Cập nhật thất bại: {problem}")
    for step in data:
        portal.shelf.put("step", f"{step['MaHoSo']}|{step['ThoiDiemXuLy']}|{step['TrangThai']}", step)
    portal.note("CapNhatTienDoHoSoMC", _code_of(body), "accepted", count=str(len(data)))
    return PlainTextResponse("Cập nhật tiến độ hồ sơ thành công")


def _find(portal: Portal, body: Body) -> Response:
    code = str(body.get("mahoso"))
    found = portal.shelf.get("dossier", code)
    if found is None or portal.misbehaviours.take("hide_dossier", dossier_code=code) is not None:
        return JSONResponse({"error_code": 0, "message": "Thành công", "result": []})
    result: Record = {**found, "DanhSachTienDo": portal.steps_of(code)}
    if portal.misbehaviours.take("bare_lookup", dossier_code=code) is not None:
        result = {"MaHoSo": code}
    return JSONResponse({"error_code": 0, "message": "Thành công", "result": [result]})


def _body(raw: bytes) -> Body:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _code_of(body: Body) -> str:
    data = body.get("data")
    if isinstance(data, list) and data and isinstance(data[0], dict):
        return str(data[0].get("MaHoSo", ""))
    return str(body.get("mahoso", ""))


def _reply(code: str, message: str) -> Response:
    return JSONResponse({"error_code": int(code), "message": message, "result": []})
