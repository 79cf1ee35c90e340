"""Entries of the office itself in the navigation."""

from pmo import search
from pmo.accounts.roles import Permission as P
from pmo.shell import Item, find_pages, register

register(
    Item("Govern", "Reports", "reports:list", P.VIEW_PROGRAM, 60),
    Item("Govern", "Outbox", "outbox:list", P.MANAGE_OUTBOX, 80, more=True),
)
search.register(find_pages)
