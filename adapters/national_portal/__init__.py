"""The national portal: dossier synchronisation (domain.md 1) and its payment platform (domain.md 2.2)."""
