"""VNPost as a program: orders by REST, the tracking feed, the signed COD file by SFTP."""
