"""The pages in the order of the menu. A page adds its line here and its module to ``app.PAGES``."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.console.i18n import N_


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: ``path`` below the console's root, ``label`` a text of the catalogues.

    ``also``: where pages stand that belong to it but not below it.
    """

    path: str
    label: str
    also: str = ""


MENU = (
    Entry("/", N_("Hôm nay"), also="/days"),
    Entry("/dossiers", N_("Hồ sơ"), also="/threads"),
    Entry("/statements", N_("Sao kê")),
    Entry("/unidentified", N_("Tiền chưa xác định")),
    Entry("/enquiries", N_("Tra soát")),
    Entry("/refunds", N_("Hoàn phí")),
    Entry("/cash", N_("Kiểm quỹ")),
    Entry("/treasury", N_("Nộp Kho bạc")),
    Entry("/accounts", N_("Sổ tài khoản")),
    Entry("/months", N_("Tháng")),
    Entry("/ageing", N_("Tuổi lệch")),
    Entry("/indicators", N_("Chỉ tiêu")),
    Entry("/personal", N_("Dữ liệu cá nhân")),
)


def is_current(entry: Entry, path: str) -> bool:
    """Whether ``path`` is the entry's page or one that belongs to it."""
    below = [f"{start}/" for start in (entry.path, entry.also) if start not in ("", "/")]
    return path == entry.path or path.startswith(tuple(below))
