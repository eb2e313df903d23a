"""How a network comes to know something: plans, steps, optimisers, runs on disk, and the process that trains."""
