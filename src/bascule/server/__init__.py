"""The doors of a running Bascule: systems call `hooks`, programs call `api`, people look at `pages`."""
