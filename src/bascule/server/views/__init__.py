"""What the pages show, as plain frozen values: each template is given one of these and nothing else.

They hold words and numbers ready to be read, links as paths, and times as aware datetimes; no database row and no
vendor object reaches a template. The module of the same name in `show` makes them from the store.
"""
