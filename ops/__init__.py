"""What sets up, starts and stops the product on one machine. May import anything; nothing imports it."""
