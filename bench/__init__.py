"""What we claim about speed and size, as programs that anybody can run: `make bench`.

Every program measures the product and a baseline in the same run, on the same machine, a moment apart: the ratio says
something on any machine, the absolute figures only on a quiet one of one's own.
"""
