"""The example program: ours, believable, complete enough that every page has something true to show."""
