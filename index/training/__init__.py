"""Training of the embedded French encoder: ``python -m index train --data DIR``.

Read `recipe` first: it names the stages in order and every figure that can be changed.
"""
