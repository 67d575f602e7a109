"""Crash safety: the process that pushes is killed with SIGKILL, at named points and at random.

Everything is counted at the other side: nothing is there twice, nothing is lost, nothing is there that nobody wants.

shop     a system of its own process, of six kinds: what vendors promise about keys, and what they do
world    what is to be written there, and one run of the real ledger, settling and push
points   where a process dies: wrapped around our functions in the child alone
trial    kill a run, run again, count at the shop
syncs    the same over the twins of real vendors: whole syncs of a little company
"""
