#!/usr/bin/env python3
"""A thousand changes while PostgreSQL is restarted, killed, paused and cut off: each ends in an answer that is true.
Usage: thousand_changes.py CONSOLE [SEED]"""
import os
import random
import signal
import threading
import time

from parts import Certificates, Console, Folder, Person, Proxy, Server, call, check, say, seed, threads

CHANGES, WORKERS = int(os.environ.get("CHANGES", 1000)), 10
seed()
with Folder() as folder:
    certificates = Certificates(folder.path)
    server = folder.keep(Server(folder.path, "server", certificates).create().start())
    line = folder.keep(Proxy(server.port))
    console = folder.keep(
        Console(folder.path, "console", Server.address(certificates, line.port), f"{folder.path}/key").start())
    people = [Person(console.port, number) for number in range(WORKERS)]
    answers, passwords, lock, is_over = [], [], threading.Lock(), False

    def change(number):
        person = people[number]
        for count in range(CHANGES // WORKERS):
            if count % 10 == 9:
                change_password(person, f"{person.number} changed words {count}")
                continue
            name = f"Organization {number} {count}"
            status, _, kind = person.call(console.port, "POST", "/organizations", {"name": name}, person.session)
            with lock:
                answers.append((person, name, status, kind))

    def change_password(person, password):
        """Also a new session: whichever answer comes, the next login has to be as it says."""
        status, value, kind = person.call(console.port, "PUT", "/account/password", {"password": password},
                                          person.session)
        with lock:
            answers.append((person, None, status, kind))
            passwords.append((status, kind))
        works = {}
        for tried in (person.password, password):
            while True:
                step = person.call(console.port, "POST", "/login", {"email": person.email, "password": tried})
                if step[0] in (200, 401):
                    break
                time.sleep(step[1].get("retryAfter", 1) if step[1] else 1)
            works[tried] = step[1].get("session") if step[0] == 200 else None
        check(sum(map(bool, works.values())) == 1, f"passwords that work: {sum(map(bool, works.values()))}")
        if status == 200:
            check(works[password], "a password was acknowledged and is not the new one")
        elif kind in ("unavailable", "reauthentication-needed"):
            check(works[person.password], f"{kind}: nothing was changed, it said, and the password was")
        else:
            check(kind in ("outcome-unknown", "saved-unshown"), f"{status} {kind}")
        for tried, session in works.items():
            if session:
                person.password, person.session = tried, session

    def disturb(_):
        while not is_over:
            time.sleep(random.uniform(0.3, 2))
            what = random.choice(["restart", "crash", "kill", "pause", "cut", "cut", "cut", "hold", "terminate"])
            if what == "restart":
                server.stop(signal.SIGINT)
                server.start()
            elif what == "crash":
                server.stop(signal.SIGQUIT)
                server.start()
            elif what == "kill":
                server.kill()
                server.start()
            elif what == "pause":
                server.pause()
                time.sleep(random.uniform(0.1, 12))
                server.go_on()
            elif what == "cut":
                line.cut()
            elif what == "hold":
                line.hold()
                time.sleep(random.uniform(0.1, 12))
                line.let_go()
            else:
                server.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'watchfob'")

    disturbed = threads(1, disturb)
    wait = threads(WORKERS, change)
    wait()
    is_over = True
    disturbed()
    check(server.process.poll() is None, "the server is gone")

    counts = {}
    for person in people:
        while True:
            status, value, _ = person.call(console.port, "GET", "/organizations", None, person.session)
            if status == 200:
                break
            time.sleep(1)
        person.found = [entry["name"] for entry in value]
        check(len(person.found) == len(set(person.found)), "an Organization is there twice")
    for person, name, status, kind in answers:
        counts[(status, kind)] = counts.get((status, kind), 0) + 1
        if name is None:
            continue
        is_there = name in person.found
        if status == 201:
            check(is_there, f"{name} was acknowledged and is not there")
        elif kind in ("unavailable",):
            check(not is_there, f"{name}: nothing was changed, it said, and it is there")
        elif kind == "saved-unshown":
            check(is_there, f"{name} was saved, it said, and is not there")
        else:
            check(kind == "outcome-unknown", f"{name}: {status} {kind}")
    say(f"{len(answers)} answers, all true: " + ", ".join(f"{count} × {status} {kind}".strip()
        for (status, kind), count in sorted(counts.items())))
