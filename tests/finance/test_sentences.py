"""Whatever the database refuses in finance, a person reads a sentence about it."""

from django.apps import apps
from django.db import connection

from pmo.refusals import SENTENCES

KEYS_OF_KEYS = ("_in_program", "_of_program")  # unique because the id is: nobody can break them
COMPUTED = (
    "finance_evsnapshot_",
    "finance_evrow_",
    "finance_pvpoint_",
    "finance_ledgercell_",
    "finance_ledgerday_",
    "finance_ledgertotal_",
    "finance_vendorcell_",
    "finance_vendormonth_",
    "finance_vendornature_",
    "finance_vendorquarter_",
    "finance_vendoryear_",
    "finance_vendorplace_",
)


def test_every_constraint_has_a_sentence() -> None:
    names = [c.name for model in apps.get_app_config("finance").get_models() for c in model._meta.constraints]
    told = [name for name in names if not name.endswith(KEYS_OF_KEYS) and not name.startswith(COMPUTED)]
    assert len(told) > 35
    assert [name for name in told if name not in SENTENCES] == []


def test_every_sentence_is_about_something_in_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """select conname from pg_constraint union select indexrelid::regclass::text from pg_index"""
        )
        real = {row[0] for row in cursor.fetchall()}
    assert sorted(name for name in SENTENCES if name.startswith("finance_") and name not in real) == []


def test_every_sentence_is_one() -> None:
    for name, sentence in SENTENCES.items():
        assert sentence[0].isupper() and sentence.endswith("."), name
