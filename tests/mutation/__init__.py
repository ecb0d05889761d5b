"""Whether the unit tests of the KPIs would notice a mistake: every small mistake is made, and the tests are asked."""
