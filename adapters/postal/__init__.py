"""VNPost: orders, the tracking feed, COD remittances (domain.md 3)."""
