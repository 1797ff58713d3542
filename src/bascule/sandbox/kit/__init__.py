"""What every sandbox is made of; nothing here knows a vendor.

`tenant` holds one simulated customer: `tables` (its memory and the log of changes), `hooks` (webhooks on their way),
`faults` (what goes wrong on purpose). `http`, `rates` and `access` are for its interface, `desk` for its pages, `app`
and `server` make a program of it. A vendor's sandbox is its own facts in front of these.
"""
