"""The application that gunicorn serves: ``webforms.wsgi:application``."""

from webforms import logs
from webforms.app import create_app
from webforms.config import settings_from_environment

_settings = settings_from_environment()
logs.configure(_settings.log_level)
application = create_app(_settings)
