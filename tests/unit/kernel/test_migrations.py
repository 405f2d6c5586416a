"""The steps of the schema."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from callcentre.kernel import migrations


def test_the_last_step_of_the_schema_is_named_after_its_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD
