"""The day's workflow: decisions and enquiries."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "decision-stale",
        "ngày đã được đối soát lại",
        "the decision is about an older version of the day; nothing was saved",
        "Look at what changed, field by field, and decide again.",
    ),
    Reason(
        "decision-day-closed",
        "ngày đã trình hoặc đã duyệt",
        "a proposed or approved day takes no decisions about its breaks",
        "Have the proposal rejected, or the day reopened.",
    ),
    Reason(
        "break-unknown",
        "không có khoản lệch này",
        "the day's current version has no such row",
        "Look at the day again.",
    ),
    Reason(
        "break-decided-already",
        "khoản lệch đã có quyết định",
        "somebody has decided about this row already",
        "Look at that decision; undo it first where it is wrong.",
    ),
    Reason(
        "decision-not-in-force",
        "quyết định không còn hiệu lực",
        "the decision is undone or confirmed already",
        "Look at the history of the break.",
    ),
    Reason("decision-unknown", "không có quyết định này", "there is no such decision", "Check its number."),
    Reason(
        "undo-not-possible",
        "không thể hủy quyết định này",
        "the effect of the decision cannot be taken back",
        "Do what the message says instead; the decision stays in the history.",
    ),
    Reason(
        "write-off-limit",
        "vượt hạn mức xử lý chênh lệch",
        "nobody may write off so much",
        "Accept it with a reason, request a refund, or ask the partner.",
    ),
    Reason(
        "amount-does-not-fit",
        "số tiền không khớp",
        "the amounts of the decision do not add up",
        "Look at the fee, the payment and the entries, and decide about what fits.",
    ),
    Reason(
        "decision-incomplete",
        "quyết định thiếu hoặc sai thông tin",
        "the decision lacks something or says what cannot be read",
        "Say what the message names.",
    ),
    Reason("reason-missing", "thiếu lý do", "a decision needs a reason", "Say why."),
    Reason(
        "batch-changed",
        "danh sách đã thay đổi",
        "the list is not the one that was frozen; nothing was saved",
        "Look at the list and decide again.",
    ),
    Reason("not-in-bulk", "không làm hàng loạt được", "this decision is about one break", "Decide them one by one."),
    Reason(
        "breaks-open",
        "còn khoản lệch chưa xử lý",
        "a day with undecided breaks cannot be proposed",
        "Decide every break, then propose.",
    ),
    Reason(
        "no-payment-on-record",
        "không có khoản nộp để gán hoặc hoàn",
        "the row has neither a payment nor one credit of a statement",
        "Link it, accept it with a reason, or ask the partner.",
    ),
    Reason(
        "entry-unknown",
        "không có dòng hoặc khoản nộp này",
        "a payment or an entry of the link is not this partner's",
        "Look at the candidates of the row.",
    ),
    Reason(
        "link-not-possible",
        "dòng đã được ghép",
        "an entry or payment of the link is matched or linked already",
        "Look at where it stands now.",
    ),
    Reason(
        "move-not-possible",
        "không thể chuyển sang ngày đó",
        "the other day is closed or too far away, or the row has no money that can be moved",
        "Choose an open day, at most a month away; where the row is the reason, the message says what to do.",
    ),
    Reason(
        "moves-not-judged",
        "ngày chưa được đối soát lại với tiền đã chuyển",
        "money was moved to this day or taken back since it was judged",
        "Nothing: the day is judged again within ten minutes; then look at it and propose.",
    ),
    Reason(
        "partner-takes-no-files",
        "đối tác không nhận tệp",
        "the partner has no folder for our files",
        "Ask by letter or telephone, and decide the break otherwise.",
    ),
    Reason(
        "enquiry-answer-layout",
        "trả lời tra soát sai cấu trúc",
        "an answer to an enquiry breaks its layout",
        "Ask the partner for a file of the agreed layout; the message names the line.",
    ),
    Reason("enquiry-unknown", "không có tra soát này", "there is no such enquiry", "Check its number."),
    Reason("enquiry-answered", "tra soát đã có trả lời", "the enquiry is answered already", "Look at its answer."),
    Reason(
        "own-role",
        "không tự đổi quyền của mình",
        "nobody changes the roles of oneself",
        "Ask another person who is ops.",
    ),
    Reason(
        "roles-begun",
        "đã có người vận hành",
        "the first roles are given already",
        "Ask somebody who is ops to grant more.",
    ),
    Reason("role-unknown", "không có quyền này trong hệ thống", "there is no such role", "Use a role that is named."),
    Reason("role-held-already", "đã có quyền này", "the person has that role", "Look at `gateway role list`."),
    Reason("role-not-held", "không có quyền này", "the person has no such role", "Look at `gateway role list`."),
    Reason(
        "seal-unknown", "phiên bản chưa được ký", "that version is not sealed", "Only approved versions are sealed."
    ),
    Reason(
        "seal-differs",
        "dữ liệu khác với bản đã ký",
        "what is stored is not what was sealed",
        "Evidence was changed: stop, keep the database as it is, find out who could write to it.",
    ),
)
