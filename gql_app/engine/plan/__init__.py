"""Plans: operations compiled once into statements and the code that shapes their rows.

`compiler` turns an operation into a tree of `steps`, using `shaping` for what becomes
Python code; `plan` runs the tree on one connection. A plan gives error-free results only:
whatever is odd raises Bail, and the ordinary path answers.
"""
