"""What is declared: KPIs, exports, targets, settings, and the words and tables that everybody shares."""
