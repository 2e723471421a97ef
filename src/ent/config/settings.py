"""Settings: from the environment, secure by default; the demonstration's exceptions stand in one block."""

import os
from pathlib import Path

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from ent.kernel.embedded import data_folder

BASE_DIR = Path(__file__).resolve().parents[3]
DATA_DIR = data_folder()
# Exports, photos and letters name people: what a process of ours writes is for its own account alone.
os.umask(0o077)


def env(name: str, default: str | None = None) -> str:
    """An environment variable, or its default; without either, say what is missing."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Définissez la variable d'environnement {name} (voir README).")
    return value


DEMO = env("ENT_DEMO", "0") == "1"
DEBUG = False
BASE_DOMAIN = env("ENT_BASE_DOMAIN", "ent.localhost")
SECURE = env("ENT_SECURE", "1") == "1"

# --- the demonstration's exceptions, all of them -----------------------------------------------------------------
if DEMO:
    SECURE = False  # plain HTTP on localhost
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    _key_file = DATA_DIR / "secret-key"
    if not _key_file.exists():
        from django.core.management.utils import get_random_secret_key

        _key_file.write_text(get_random_secret_key())
        _key_file.chmod(0o600)
    os.environ.setdefault("SECRET_KEY", _key_file.read_text())
# -----------------------------------------------------------------------------------------------------------------

SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = [BASE_DOMAIN, f".{BASE_DOMAIN}"]
# The port is part of the links that pass from one school to another in development.
PUBLIC_PORT = env("ENT_PORT", "")
SCHEME = "https" if SECURE else "http"
# Where live events are served when not behind the same proxy as the pages.
LIVE_PORT = env("ENT_LIVE_PORT", "")

SHARED_APPS = [
    "django_tenants",
    "ent.kernel",
    "ent.kernel.grants",
    "ent.kernel.audit",
    "tenants",
    "tenants.configuration",
    "tenants.liaison",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "guardian",
    "rules.apps.AutodiscoverRulesConfig",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "ent.ui",
    "ent.accounts",
    "ent.exchange",
    "ent.school.administration",
    "ent.school.home",
    "ent.school.pulse",
    "ent.school.rights",
    "platform_admin",
    "platform_admin.officers",
    "platform_admin.configuring",
    "platform_admin.rollout",
    "platform_admin.dashboards",
    "platform_admin.network",
    "platform_admin.exchanges",
]
TENANT_APPS = [
    "ent.kernel.grants",
    "ent.kernel.audit",
    "ent.school.structure",
    "ent.school.people",
    "ent.school.timetable",
    "ent.school.notifications",
    "ent.school.attendance",
    "ent.school.absences",
    "ent.school.lessons",
    "ent.school.conduct",
    "ent.school.notes",
    "ent.exchange.aaf",
]
INSTALLED_APPS = SHARED_APPS + [app for app in TENANT_APPS if app not in SHARED_APPS]

TENANT_MODEL = "tenants.School"
TENANT_DOMAIN_MODEL = "tenants.Domain"
PUBLIC_SCHEMA_URLCONF = "ent.config.urls_platform"
ROOT_URLCONF = "ent.config.urls_school"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_LIMIT_SET_CALLS = True
# One school's template, migrated by Django, copied for every school.
TEMPLATE_SCHEMA = "e_template"

_address = conninfo_to_dict(env("DATABASE_URL"))
DATABASES = {
    "default": {
        "ENGINE": "tenants.postgresql",
        "NAME": _address.get("dbname", "ent"),
        "USER": _address.get("user", ""),
        "PASSWORD": _address.get("password", ""),
        "HOST": _address.get("host", ""),
        "PORT": _address.get("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # A list of choices is read in one exchange, not in four.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "TEST": {"NAME": "test_ent"},
    }
}
# A backend remembers every table it ever touched: after this many schools its connection retires. Measured by
# `scripts/bench memory` (MB) and `pages` (what retiring costs): weigh it again when a module brings many tables.
SCHOOLS_PER_CONNECTION = 100

REDIS_URL = env("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "ent.kernel.cache.school_key",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_NAME = "ent_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE  # no SESSION_COOKIE_DOMAIN: a session belongs to one host
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Addresses of reverse proxies whose X-Forwarded-For is believed (how many stand before us).
TRUSTED_PROXIES = int(env("ENT_TRUSTED_PROXIES", "0"))

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULE = {
    "check thresholds": {"task": "ent.school.absences.tasks.check_thresholds", "schedule": crontab(hour=18, minute=30)},
    "deliver notifications": {"task": "ent.school.notifications.tasks.deliver", "schedule": 60},
    "follow notes": {"task": "ent.school.notes.tasks.follow_notes", "schedule": crontab(minute=10)},
    "sweep notifications": {"task": "ent.school.notifications.tasks.sweep", "schedule": crontab(minute="*/15")},
    "summarise the week": {
        "task": "ent.school.notifications.tasks.summarise",
        "schedule": crontab(day_of_week="fri", hour=17, minute=0),
    },
    "forget notifications": {
        "task": "ent.school.notifications.tasks.forget_old",
        "schedule": crontab(hour=3, minute=10),
    },
    "tell of work": {"task": "ent.school.lessons.tasks.tell_of_work", "schedule": 300},
    "resume imports": {"task": "platform_admin.tasks.resume_imports", "schedule": 60},
    "forget trails": {"task": "platform_admin.configuring.tasks.forget_trails", "schedule": crontab(hour=3, minute=45)},
    "sweep launches": {"task": "platform_admin.rollout.launching.sweep_launches", "schedule": 30},
    "forget accounts": {
        "task": "platform_admin.configuring.tasks.forget_accounts",
        "schedule": crontab(hour=3, minute=50),
    },
    "forget undo": {"task": "platform_admin.tasks.forget_undo", "schedule": crontab(hour=3, minute=40)},
    "forget exports": {"task": "platform_admin.tasks.forget_exports", "schedule": crontab(hour=3, minute=30)},
    "open due": {"task": "platform_admin.rollout.tasks.open_due", "schedule": crontab(minute=5)},
    "push pulses": {"task": "ent.school.pulse.tasks.push_pulses", "schedule": crontab(minute=5)},
    "erase sanctions": {"task": "ent.school.conduct.tasks.erase_due_sanctions", "schedule": crontab(hour=3, minute=20)},
    "review schools": {"task": "platform_admin.dashboards.tasks.review_schools", "schedule": crontab(minute=25)},
}

if DEMO:  # whatever the hour, there are sessions now
    CELERY_BEAT_SCHEDULE["keep the demonstration alive"] = {
        "task": "platform_admin.tasks.keep_demonstration_alive",
        "schedule": crontab(minute=0),
    }

MIDDLEWARE = [
    "tenants.middleware.SchoolMiddleware",
    "ent.kernel.measure.MeasureMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "ent.kernel.security.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ent.kernel.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "ent.kernel.documents.RequestSizeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.configuration.middleware.SettingsMiddleware",
    "ent.kernel.access.AccessMiddleware",
    "tenants.liaison.middleware.NoticesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["ent.ui.templatetags.french"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "ent.kernel.navigation.page",
                "tenants.liaison.middleware.page",
                "tenants.configuration.appearance.page",
                "ent.school.notifications.bell.page",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = [
    "ent.kernel.grants.backends.PasswordBackend",
    "rules.permissions.ObjectPermissionBackend",
    "ent.kernel.grants.backends.GrantBackend",
]
GUARDIAN_USER_OBJ_PERMS_MODEL = "grants.AccountGrant"
GUARDIAN_GROUP_OBJ_PERMS_MODEL = "grants.GroupGrant"
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home"
# The console lives in a room above those who send officers there: known by its address alone.
CONSOLE_URL = "/console/"
# What an authenticator application shows beside the sign-in name.
OTP_TOTP_ISSUER = "ENT Auvergne"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("sign_in_name", "email")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
PASSWORD_RESET_TIMEOUT = 3600

# The demonstration writes its mails to files; production says by what its own leave.
EMAIL_BACKEND = env("ENT_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend" if DEMO else None)
# What sends text messages (a class with `send(number, text)`); none: they are off, and staff are told.
SMS_BACKEND = env("ENT_SMS_BACKEND", "ent.school.notifications.sms.FileSender" if DEMO else "")
EMAIL_FILE_PATH = DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = env("ENT_FROM_EMAIL", f"ne-pas-repondre@{BASE_DOMAIN}")
EMAIL_HOST = env("ENT_EMAIL_HOST", "localhost")
EMAIL_TIMEOUT = 20

LANGUAGE_CODE = "fr"
# The ten languages of the activation journey; elsewhere, what is not translated shows in French.
LANGUAGES = [
    ("fr", "Français"), ("en", "English"), ("ar", "العربية"), ("tr", "Türkçe"), ("pt", "Português"),
    ("es", "Español"), ("uk", "Українська"), ("ru", "Русский"), ("ro", "Română"), ("zh-hans", "简体中文"),
]  # fmt: skip
LOCALE_PATHS = [BASE_DIR / "src/ent/accounts/locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder", "ent.ui.finders.BundleFinder"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    # A folder per school, named as its schema.
    "default": {
        "BACKEND": "django_tenants.files.storage.TenantFileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_242_880
# Papers of a whole school on one page: two fields for each parent.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ent.accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["ent.kernel.access.ApiPermission"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 100,
    # An application that asks without pause does not slow pages down.
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "300/minute"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ENT Auvergne",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
