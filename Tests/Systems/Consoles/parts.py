"""What the checks beside this file are made of: PostgreSQL servers, consoles, a proxy, and the console's API.

Everything runs on loopback, in a folder that is taken away at the end.
"""
import base64
import glob
import hmac
import http.client
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

PASSWORD = "four plain words here"
SECONDS_TO_START = 60


def say(text):
    print(time.strftime("%H:%M:%S"), text, flush=True)


def seed():
    """Seeds the run from the first argument after the console, or anew; prints what repeats it."""
    number = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    random.seed(number)
    say(f"repeat with: {sys.argv[0]} {sys.argv[1]} {number}")
    return number


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Folder:
    """A temporary folder that a server's own user may enter."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="watchfob-consoles.")
        os.chmod(self.path, 0o711)
        self.parts = []
        return self

    def keep(self, part):
        self.parts.append(part)
        return part

    def __exit__(self, *_):
        for part in reversed(self.parts):
            part.end()
        shutil.rmtree(self.path, ignore_errors=True)


# PostgreSQL


class Certificates:
    """An authority, and a certificate of 'localhost' by it."""

    def __init__(self, folder):
        self.authority = f"{folder}/root.crt"
        self.key, self.certificate = f"{folder}/server.key", f"{folder}/server.crt"

        def openssl(*words):
            subprocess.run(["openssl", *words], check=True, capture_output=True)

        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Authority",
                "-keyout", f"{folder}/root.key", "-out", self.authority)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
                "-keyout", self.key, "-out", f"{folder}/server.csr")
        with open(f"{folder}/names", "w") as names:
            names.write("subjectAltName=DNS:localhost\n")
        openssl("x509", "-req", "-in", f"{folder}/server.csr", "-CA", self.authority, "-CAkey", f"{folder}/root.key",
                "-CAcreateserial", "-days", "2", "-extfile", f"{folder}/names", "-out", self.certificate)


class Server:
    """A PostgreSQL server of its own, with TLS, that trusts whoever connects from this machine."""

    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    # PostgreSQL refuses to run as root.
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] if os.getuid() == 0 else []

    def __init__(self, folder, name, certificates):
        self.folder, self.port = f"{folder}/{name}", free_port()
        self.certificates = certificates
        os.mkdir(self.folder)
        self.own(self.folder)
        self.data = f"{self.folder}/data"
        self.process = None

    def own(self, path):
        if self.user:
            shutil.chown(path, "postgres", "postgres")

    def run(self, program, *words, **options):
        return subprocess.run([*self.user, f"{self.programs}/{program}", *words], check=True, cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options).stdout

    def create(self, *settings):
        self.run("initdb", "--pgdata", self.data, "--username=watchfob", "--auth=trust", "--no-sync",
                 "--locale=C.UTF-8", "--encoding=UTF8")
        self.configure(*settings)
        return self

    def copy(self, primary, *settings):
        """Makes this a standby of a server that runs."""
        self.run("pg_basebackup", "--pgdata", self.data, "--write-recovery-conf", "--checkpoint=fast",
                 "--no-sync", "--dbname",
                 f"host=127.0.0.1 port={primary.port} user=watchfob application_name=standby")
        self.configure(*settings)
        return self

    def configure(self, *settings):
        for name, source in [("server.key", self.certificates.key), ("server.crt", self.certificates.certificate)]:
            place = f"{self.data}/{name}"
            shutil.copy(source, place)
            os.chmod(place, 0o600)
            self.own(place)
        with open(f"{self.data}/postgresql.conf", "a") as file:
            for setting in ["listen_addresses = '127.0.0.1'", f"port = {self.port}", "ssl = on",
                            f"unix_socket_directories = '{self.folder}'", "max_connections = 100", *settings]:
                file.write(setting + "\n")

    def start(self):
        log = open(f"{self.folder}/log", "ab")
        self.process = subprocess.Popen([*self.user, f"{self.programs}/postgres", "-D", self.data], cwd=self.folder,
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + SECONDS_TO_START
        while subprocess.run([f"{self.programs}/pg_isready", "-q", "-h", self.folder, "-p", str(self.port),
                              "-t", "2"]).returncode != 0:
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit("PostgreSQL did not start:\n" + open(f"{self.folder}/log").read()[-2000:])
            time.sleep(0.1)
        return self

    def ask(self, sql, database="postgres"):
        return self.run("psql", "-qtAX", "-h", self.folder, "-p", str(self.port), "-U", "watchfob", "-d", database,
                        "-c", sql).strip()

    def family(self):
        """The numbers of all its processes."""
        numbers = [self.process.pid]
        for status in glob.glob("/proc/[0-9]*/stat"):
            try:
                words = open(status).read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(words[1]) == self.process.pid:
                numbers.append(int(status.split("/")[2]))
        return numbers

    def send(self, number):
        for process in self.family():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass

    def pause(self):
        self.send(signal.SIGSTOP)

    def go_on(self):
        self.send(signal.SIGCONT)

    def kill(self):
        """As a machine dies: nothing is flushed, nobody is told."""
        self.send(signal.SIGKILL)
        self.process.wait()

    def stop(self, number=signal.SIGINT):
        """SIGINT is a fast stop, SIGQUIT one without a checkpoint."""
        self.process.send_signal(number)
        self.process.wait()

    def end(self):
        if self.process and self.process.poll() is None:
            self.go_on()
            self.kill()

    @staticmethod
    def address(certificates, *ports, database="postgres"):
        hosts = ",".join(f"localhost:{port}" for port in ports)
        return f"postgresql://watchfob@{hosts}/{database}?sslrootcert={certificates.authority}"


# Consoles


class Console:
    """A console that serves."""

    def __init__(self, folder, name, database, key):
        self.words = [sys.argv[1], "--port", str(free_port()), "--database", database, "--key-file", key,
                      "--hash-cost", "1"]
        self.port = int(self.words[2])
        self.log = f"{folder}/{name}.log"
        self.process = None

    def start(self):
        log = open(self.log, "ab")
        self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SystemExit("the console ended: " + open(self.log).read()[-500:])
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the console did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()


class Proxy:
    """Passes bytes on to one of several ports. Every connection comes from another address of loopback, so that
    limits by address stay out of the way. It can be cut, or hold everything back."""

    def __init__(self, *ports, varies_address=False):
        self.ports, self.varies_address = list(ports), varies_address
        self.is_open = threading.Event()
        self.is_open.set()
        self.lines = set()
        self.count = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.connect, args=(near,), daemon=True).start()

    def connect(self, near):
        with self.lock:
            self.count += 1
            number = self.count
        for attempt in range(len(self.ports)):
            port = self.ports[(number + attempt) % len(self.ports)]
            try:
                source = (f"127.0.{2 + number // 250 % 250}.{1 + number % 250}", 0) if self.varies_address else None
                far = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=source)
                break
            except OSError:
                continue
        else:
            near.close()
            return
        far.settimeout(None)
        with self.lock:
            self.lines |= {near, far}
        for one, other in [(near, far), (far, near)]:
            threading.Thread(target=self.pass_on, args=(one, other), daemon=True).start()

    def pass_on(self, one, other):
        try:
            while piece := one.recv(65536):
                self.is_open.wait()
                other.sendall(piece)
        except OSError:
            pass
        self.close(one, other)

    def close(self, *lines):
        for line in lines:
            with self.lock:
                self.lines.discard(line)
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            line.close()

    def cut(self):
        """Resets every connection there is."""
        with self.lock:
            lines = list(self.lines)
        for line in lines:
            try:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
        self.close(*lines)

    def hold(self):
        self.is_open.clear()

    def let_go(self):
        self.is_open.set()

    def end(self):
        self.let_go()
        self.listener.close()
        self.cut()


# The API


def call(port, method, path, body=None, bearer=None, timeout=60, source=None):
    """(status, body, kind of problem); status 0 where no whole answer came."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout, source_address=source)
    headers = {"Connection": "close"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if bearer:
        headers["Authorization"] = "Bearer " + bearer
    try:
        line.request(method, "/api/v1" + path, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        status, text = answer.status, answer.read()
        after = answer.getheader("Retry-After")
    except (OSError, http.client.HTTPException):
        return 0, None, "no answer"
    finally:
        line.close()
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    kind = value.get("type", "").rsplit(":", 1)[-1] if isinstance(value, dict) and status >= 400 else ""
    if status == 503 and after is None:
        raise SystemExit("503 without Retry-After")
    return status, value, kind


def source(number):
    """An address of loopback for one person, so that the limits for one address are not met."""
    return (f"127.1.{number // 200 % 200}.{1 + number % 200}", 0)


def totp(key, when=None):
    step = int((time.time() if when is None else when) // 30)
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    digest = hmac.new(secret, struct.pack(">Q", step), "sha1").digest()
    start = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[start:start + 4])[0] & 0x7FFFFFFF) % 10**6)


class Person:
    """Somebody with an account, and with MFA on if wanted."""

    def __init__(self, port, number, mfa=False):
        self.number, self.email, self.source = number, f"person{number}@example.com", source(number)
        self.password = PASSWORD
        status, _, kind = self.call(port, "POST", "/accounts", {"email": self.email, "password": PASSWORD})
        assert status in (201, 204) or kind == "email-taken", (status, kind)
        self.session = self.log_in(port)["session"]
        self.codes = []
        if mfa:
            self.enable(port)

    def call(self, port, method, path, body=None, bearer=None):
        return call(port, method, path, body, bearer, source=self.source)

    def log_in(self, port):
        status, value, kind = self.call(port, "POST", "/login", {"email": self.email, "password": self.password})
        assert status == 200, (self.email, status, kind)
        return value

    def enable(self, port):
        key = self.call(port, "POST", "/mfa/enrolment", {"purpose": "enable"}, self.session)[1]["key"]
        done = self.call(port, "POST", "/mfa/activation", {"code": totp(key)}, self.session)[1]
        self.session, self.key, self.codes = done["session"], key, done["backupCodes"]


def threads(count, body):
    """Runs body(number) on so many threads; returns the function that waits for all."""
    failures = []

    def run(number):
        try:
            body(number)
        except BaseException as failure:  # told by the thread that waits
            failures.append(failure)

    started = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in started:
        thread.start()

    def wait():
        for thread in started:
            thread.join()
        if failures:
            raise failures[0]

    return wait


def check(holds, text):
    if not holds:
        raise SystemExit("WRONG: " + text)
