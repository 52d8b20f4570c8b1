"""The national portal as a program: session login, dossiers, steps, look-up (``domain.md`` 1)."""
