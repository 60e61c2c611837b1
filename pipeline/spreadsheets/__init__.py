"""The published tables as spreadsheets, for people who sort and filter instead of querying."""
