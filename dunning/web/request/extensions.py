"""Flask's extensions, made once and bound to the app in `frame`."""

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect

babel = Babel()
csrf = CSRFProtect()
logins = LoginManager()
# with Redis away the limits count in each process instead of failing or letting everything through
limiter = Limiter(get_remote_address, in_memory_fallback_enabled=True)
