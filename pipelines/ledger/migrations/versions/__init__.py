"""One revision a file. A revision that has landed is never edited: ledgers that ran it will not run it again."""
