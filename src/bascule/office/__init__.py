"""What people and programs ask of a running Bascule: one desk for each kind of errand."""
