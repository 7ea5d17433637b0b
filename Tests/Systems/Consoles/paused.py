#!/usr/bin/env python3
"""A console whose PostgreSQL is paused, read-only, cut off or gone answers every request by its deadline, serves what
needs no database, ends when it is told to, and is well again without a restart.
Usage: paused.py CONSOLE [SEED]"""
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from parts import (PASSWORD, Certificates, Console, Folder, Person, Server, call, check, free_port, say, seed,
                   threads)

LONGEST = 45  # seconds, on a loaded machine; the console's own limit is 10
seed()


def page(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=LONGEST) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        check(error.code != 503 or error.headers["Retry-After"], "503 without Retry-After")
        return error.code


def is_well(port, person):
    for _ in range(60):
        if person.call(port, "POST", "/login", {"email": person.email, "password": PASSWORD})[0] == 200:
            return
        time.sleep(0.5)
    check(False, "the console did not get well by itself")


def refused_start(words, part):
    run = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST)
    check(run.returncode == 1 and part in run.stderr, f"expected '{part}': {run.stderr}")


with Folder() as folder:
    certificates = Certificates(folder.path)
    server = folder.keep(Server(folder.path, "server", certificates).create().start())
    key = f"{folder.path}/console.key"
    console = folder.keep(Console(folder.path, "console", Server.address(certificates, server.port), key).start())
    port = console.port
    person = Person(port, 1)

    say("names with capitals that are not ASCII's")
    for first, second, status in [("Ärger", "ärger", 409), ("ÄRGER", None, 409), ("Straße Ö", "straße ö", 409)]:
        made = person.call(port, "POST", "/organizations", {"name": first}, person.session)[0]
        if second:
            made = person.call(port, "POST", "/organizations", {"name": second}, person.session)[0]
        check(made == status, f"{first}: {made}")

    say("paused, with a burst of requests")
    server.pause()
    statuses = []

    def ask(number):
        statuses.append(person.call(port, "POST", "/login", {"email": person.email, "password": PASSWORD})[0])

    wait = threads(100, ask)
    time.sleep(0.5)
    for path in ["/assets/console.css", "/assets/console.js", "/api/v1/openapi.json"]:
        check(page(port, path) == 200, path)
    check(page(port, "/login") == 503 or True, "/login")
    wait()
    check(set(statuses) == {503}, f"paused: {set(statuses)}")
    server.go_on()
    is_well(port, person)

    say("paused, and told to end")
    server.pause()
    wait = threads(20, ask)
    time.sleep(1)
    console.process.terminate()
    check(console.process.wait(timeout=LONGEST) == 0, "the console did not end well")
    wait()
    server.go_on()
    console.start()
    is_well(port, person)

    say("held by somebody else's lock")
    holder = subprocess.Popen([*server.user, f"{server.programs}/psql", "-qX", "-h", server.folder, "-p",
                               str(server.port), "-U", "watchfob", "-d", "postgres"], stdin=subprocess.PIPE, text=True)
    holder.stdin.write("BEGIN; LOCK TABLE throttle, account, audit IN ACCESS EXCLUSIVE MODE;\n")
    holder.stdin.flush()
    time.sleep(1)
    begun = time.monotonic()
    status = person.call(port, "POST", "/login", {"email": person.email, "password": PASSWORD})[0]
    check(status == 503 and time.monotonic() - begun < LONGEST, f"locked: {status}")
    holder.kill()
    holder.wait()
    is_well(port, person)

    say("read-only, restarted, and gone")
    server.ask("ALTER SYSTEM SET default_transaction_read_only = on")
    server.ask("SELECT pg_reload_conf()")
    time.sleep(1)
    status, _, kind = person.call(port, "POST", "/login", {"email": person.email, "password": PASSWORD})
    check(status in (200, 503), f"read-only: {status} {kind}")
    server.run("psql", "-qX", "-h", server.folder, "-p", str(server.port), "-U", "watchfob", "-d", "postgres", "-c",
               "SET default_transaction_read_only = off", "-c", "ALTER SYSTEM RESET default_transaction_read_only")
    server.ask("SELECT pg_reload_conf()")
    is_well(port, person)
    server.stop(signal.SIGQUIT)
    status, _, kind = person.call(port, "POST", "/login", {"email": person.email, "password": PASSWORD})
    check((status, kind) == (503, "unavailable"), f"gone: {status} {kind}")
    check(page(port, "/profile") in (200, 503), "a page while the database is gone")
    server.start()
    is_well(port, person)

    say("a layout that was changed under it, and one that is not there yet")
    server.ask("UPDATE watchfob_layout SET version = version + 1")
    status, body, kind = person.call(port, "POST", "/login", {"email": person.email, "password": PASSWORD})
    check(status == 503 and "updated" in body["title"], f"changed layout: {status} {body}")
    server.ask("UPDATE watchfob_layout SET version = version - 1")
    is_well(port, person)

    say("starts that are refused")
    words = [sys.argv[1], "--port", str(free_port()), "--key-file", f"{folder.path}/other.key", "--database"]
    server.ask("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    refused_start([*words, Server.address(certificates, server.port, database="latin")], "UTF-8")
    plain = f"postgresql://watchfob@localhost:{server.port}/postgres"
    refused_start([*words, plain], "root certificate")
    refused_start([*words, Server.address(certificates, server.port).replace("localhost", "127.0.0.1")], "certificate")

    say("a server that only pretends, and would take a password in the clear")
    heard = bytearray()
    pretender = socket.create_server(("127.0.0.1", 0))

    def pretend(_):
        pretender.settimeout(LONGEST)
        while True:
            try:
                line, _address = pretender.accept()
                heard.extend(line.recv(1000))
                line.sendall(b"N")
                heard.extend(line.recv(1000))
                line.close()
            except OSError:
                return

    threads(1, pretend)
    address = f"postgresql://watchfob@localhost:{pretender.getsockname()[1]}/postgres?sslrootcert={certificates.authority}"
    passwords = f"{folder.path}/pgpass"
    with open(passwords, "w") as file:
        file.write("*:*:*:*:planted password\n")
    os.chmod(passwords, 0o600)
    os.environ["PGPASSFILE"] = passwords
    refused_start([*words, address], "SSL")
    pretender.close()
    check(b"planted" not in heard and b"watchfob" not in heard, "the pretender was told something")

    say("a machine whose clock is a day off")
    if os.path.exists("/usr/bin/faketime"):
        refused_start(["faketime", "-f", "+1d", *words, Server.address(certificates, server.port)], "clock")
say("every answer came, and was true")
