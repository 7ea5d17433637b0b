"""django-otp, doing what bench-console does: the same durable work after the password.

Usage: peer.py sqlite FILE|postgresql FOLDER, then ACCOUNTS LOGINS WORKERS ROUNDS.
A login: the device's row is locked and read, the code is verified and its step stored
(TOTPDevice.verify_token under select_for_update, as django_otp.match_token does it), and a session
is made in the database, in the transaction that Django makes of a request (ATOMIC_REQUESTS).
"""

import hmac
import multiprocessing
import os
import struct
import sys
import time

kind, place = sys.argv[1:3]
accounts, logins, workers, rounds = (int(number) for number in sys.argv[3:7])

import django
from django.conf import settings

database = (
    {"ENGINE": "django.db.backends.sqlite3", "NAME": place, "OPTIONS": {"timeout": 20}}
    if kind == "sqlite"
    else {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "HOST": place,
          "USER": "watchfob", "OPTIONS": {"options": "-c search_path=peer"}}
)
settings.configure(
    DATABASES={"default": dict(database, CONN_MAX_AGE=None)},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions",
                    "django_otp", "django_otp.plugins.otp_totp"],
    SECRET_KEY="not a secret: a benchmark's", USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    SESSION_ENGINE="django.contrib.sessions.backends.db",
)
django.setup()

from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django_otp.plugins.otp_totp.models import TOTPDevice


def durable(sender, connection, **rest):
    """The same promises as ours: what is committed outlives a power cut."""
    if connection.vendor == "sqlite":
        for setting in ("journal_mode = WAL", "synchronous = FULL"):
            connection.cursor().execute("PRAGMA " + setting)


connection_created.connect(durable)


def secret(number):
    mixed = (number * 2654435761) & 0xFFFFFFFF
    return bytes(((mixed >> (place % 4 * 8)) + place) & 255 for place in range(20))


def code(number):
    digest = hmac.digest(secret(number), struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[start:start + 4])[0] & 0x7FFFFFFF) % 1000000)


def log_in(user, typed):
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().get(user_id=user, confirmed=True)
        if not device.verify_token(typed):
            return False
        session = SessionStore()
        session["_auth_user_id"] = str(user)
        session["otp_device_id"] = device.persistent_id
        session.create()
    return True


def work(numbers, answers):
    connection.close()
    latencies, failures = [], 0
    connection.ensure_connection()
    for number in numbers:
        typed = code(number)
        started = time.monotonic_ns()
        is_in = log_in(number + 1, typed)
        length = time.monotonic_ns() - started
        if is_in:
            latencies.append(length)
        else:
            failures += 1
    answers.put((latencies, failures))


def measure(first):
    answers = multiprocessing.Queue()
    numbers = range(first, first + logins)
    connection.close()
    processes = [multiprocessing.Process(target=work, args=(numbers[index::workers], answers))
                 for index in range(workers)]
    started = time.monotonic_ns()
    for process in processes:
        process.start()
    results = [answers.get() for _ in processes]
    for process in processes:
        process.join()
    total = time.monotonic_ns() - started
    latencies = sorted(latency for some, _ in results for latency in some)
    failures = sum(failed for _, failed in results)

    def percentile(part):
        return latencies[min(len(latencies) - 1, len(latencies) * part // 100)] // 1000

    return len(latencies) * 1000000000 // total, percentile(50), percentile(99), failures


multiprocessing.set_start_method("fork")
if kind == "postgresql":
    connection.cursor().execute("CREATE SCHEMA peer")
call_command("migrate", verbosity=0)
batch = 1000
for start in range(0, accounts, batch):
    numbers = range(start, min(start + batch, accounts))
    User.objects.bulk_create(User(id=number + 1, username="holder%d@example.com" % number, password="!")
                             for number in numbers)
    TOTPDevice.objects.bulk_create(TOTPDevice(user_id=number + 1, name="token", key=secret(number).hex())
                                   for number in numbers)
print("django-otp %s on Django %s: %d accounts made" % (
    __import__("importlib.metadata").metadata.version("django-otp"), django.get_version(), accounts),
    file=sys.stderr)
for turn in range(rounds):
    if not sys.stdin.readline():
        break
    print(*measure(turn * logins), flush=True)
