"""Side-by-side measurements; every peer runs in the same call, on the same texts."""
