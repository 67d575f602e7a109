"""When data may pass: checks derived from the contracts and from the business, and what they say."""
