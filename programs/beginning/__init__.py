"""How a program begins: blank, from a template, as a copy, and the component projects it is made of."""
