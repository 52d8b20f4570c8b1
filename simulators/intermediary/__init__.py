"""The payment intermediary as a program: the national payment platform by REST, its signed file by SFTP."""
