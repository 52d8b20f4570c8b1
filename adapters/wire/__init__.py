"""The wires: one protocol each. A vendor library and its errors end here; partners are not known here."""
