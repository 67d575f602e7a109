"""Reports: what people read. Each is a function from the published snapshot to a file."""
