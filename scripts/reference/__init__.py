"""Writes the generated parts of the pages in docs/reference from the code: `python -m scripts.reference`.

A page is written by hand, except what is between two marks: `<!-- generated: NAME -->` and `<!-- end -->`. `BLOCKS` in
`scripts/reference/pages.py` has the function that writes each NAME.
"""
