"""What the business is: entities, fields, ownership, and the SQL they compile to. Pure, no I/O."""
