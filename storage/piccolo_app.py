"""What Piccolo's migrations know of Setroom's tables."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from storage.tables import AUTO_TABLES

APP_NAME = "setroom"

APP_CONFIG = AppConfig(
    app_name=APP_NAME,
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=list(AUTO_TABLES),
)
