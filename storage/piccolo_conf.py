"""Piccolo's configuration: ``PICCOLO_CONF=storage.piccolo_conf piccolo migrations new setroom
--auto`` writes the next migration. The engine borrows its pool: see `storage.engine`."""

from piccolo.conf.apps import AppRegistry

from storage.engine import ENGINE

DB = ENGINE
APP_REGISTRY = AppRegistry(apps=["storage.piccolo_app"])
