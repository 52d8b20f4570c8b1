"""What people should know and are told: late, old, waiting, not closing, unusual. One alert and one mail per cause."""
