"""Views of the plan: what its address chooses, and addresses kept under a name."""
