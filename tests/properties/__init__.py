"""What holds for the KPIs of any company, whatever its rows."""
