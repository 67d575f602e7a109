"""A little company made from what connectors and twins declare: the office's files own everything, and every system
that has a write and a twin receives what it can take. A new connector is in it as soon as its folder is there.

systems  which systems those are, how a stack reaches their twins, and what each follows
office   the files: rows of every entity that anybody writes, with values worth respelling
twins    the twins over a company that has next to nothing of its own
company  the stack, its syncs, and what the systems hold, read anew through their connectors
"""
