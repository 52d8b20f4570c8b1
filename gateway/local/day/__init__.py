"""The business day of the demo: what the world outside does, what is planted in it, and whether it was all found."""
