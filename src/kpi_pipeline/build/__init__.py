"""One dbt build, and the values that would be published."""
