"""The population of the demo: dossiers of Quảng Ninh as real ones look, made from a seed; no person in it exists."""
