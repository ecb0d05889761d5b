"""Great Expectations judges what was built; a verdict per KPI."""
