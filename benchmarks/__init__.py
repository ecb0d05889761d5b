"""What a night costs, beside hand-written SQL on the same data, in the same run."""
