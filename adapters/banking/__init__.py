"""Banks and the payment intermediary: collection over SOAP, signed statements and confirmations by SFTP, VietQR."""
