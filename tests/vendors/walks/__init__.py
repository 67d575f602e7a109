"""A walk over each twin's whole route table, ``<system>.walk(sandbox)``: by the vendor's own client if there is one."""
