"""The plan as a sheet: what is typed into its cells, saved in batches, undone and done again."""
