"""Banks: collection, statements and VietQR."""
