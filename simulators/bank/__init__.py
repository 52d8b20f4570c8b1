"""A bank: collection service (SOAP), statements and our confirmations (SFTP), a payer's world (control API)."""
