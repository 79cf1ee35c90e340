from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pmo", "0017_names_have_a_history")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="address_proven",
            field=models.BooleanField(
                default=True,
                help_text="False where the link of its invitation was read in the office: no mail proved whose it is.",
            ),
        )
    ]
