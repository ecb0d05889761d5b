"""What passed becomes an immutable release; which release is in force."""
