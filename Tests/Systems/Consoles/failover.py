#!/usr/bin/env python3
"""Two consoles behind a proxy, on PostgreSQL with a synchronous standby: the primary is killed under load, the standby
is promoted, and the consoles go on by themselves. Every login, code and change that was acknowledged is there, and no
code was accepted twice. Docs/console.md, "More than one machine", is the recipe that this follows.
Usage: failover.py CONSOLE [SEED]"""
import random
import threading
import time

from parts import PASSWORD, Certificates, Console, Folder, Person, Proxy, Server, check, say, seed, threads

PEOPLE = 24
seed()
with Folder() as folder:
    certificates = Certificates(folder.path)
    primary = folder.keep(Server(folder.path, "primary", certificates))
    primary.create("synchronous_standby_names = 'standby'", "synchronous_commit = local").start()
    standby = folder.keep(Server(folder.path, "standby", certificates))
    standby.copy(primary, "synchronous_standby_names = ''").start()
    for _ in range(300):
        if primary.ask("SELECT sync_state FROM pg_stat_replication") == "sync":
            break
        time.sleep(0.1)
    check(primary.ask("SELECT sync_state FROM pg_stat_replication") == "sync", "the standby is not synchronous")

    address = Server.address(certificates, primary.port, standby.port)
    key = f"{folder.path}/console.key"
    consoles = [folder.keep(Console(folder.path, name, address, key).start()) for name in ("one", "other")]
    front = folder.keep(Proxy(*(console.port for console in consoles), varies_address=True))
    say(f"two consoles at {front.port}; {PEOPLE} people enable MFA")
    people = [Person(consoles[number % 2].port, number, mfa=True) for number in range(PEOPLE)]

    # What was acknowledged, by person: Organizations, sessions, and how often each backup code was accepted.
    made, sessions, accepted = [[[] for _ in people] for _ in range(3)]
    is_over = False
    unanswered = [0] * PEOPLE

    def load(number):
        person, count = people[number], 0
        unused = list(person.codes)
        while not is_over:
            count += 1
            name = f"Organization {number} {count}"
            status, _, kind = person.call(front.port, "POST", "/organizations", {"name": name}, person.session)
            if status == 201:
                made[number].append(name)
            else:
                check(status in (0, 503) or kind == "name-taken", f"{status} {kind}")
                unanswered[number] += 1
            if unused and count % 3 == 0:
                use(number, person, unused.pop())

    def use(number, person, code):
        """The same code for two logins, over both consoles at once."""
        steps = [person.call(front.port, "POST", "/login", {"email": person.email, "password": PASSWORD})
                 for _ in range(2)]
        tickets = [step[1]["ticket"] for step in steps if step[0] == 200]
        results = []

        def enter(index):
            results.append(person.call(front.port, "POST", "/login/code", {"code": code}, tickets[index]))

        threads(len(tickets), enter)()
        for status, value, kind in results:
            if status == 200:
                accepted[number].append(code)
                sessions[number].append(value["session"])
            else:
                check(status in (0, 422, 429, 503), f"a code: {status} {kind}")

    wait = threads(PEOPLE, load)
    time.sleep(random.uniform(2, 5))
    before = sum(map(len, made))
    say(f"{before} changes acknowledged; the primary's machine dies")
    primary.kill()
    time.sleep(random.uniform(0, 3))
    standby.run("pg_ctl", "promote", "-D", standby.data, "--wait")
    say("the standby was promoted")
    end = time.monotonic() + 60
    while sum(map(len, made)) < before + 50 and time.monotonic() < end:
        time.sleep(0.2)
    after = sum(map(len, made)) - before
    check(after >= 50, f"only {after} changes after the promotion: the consoles did not go on by themselves")
    is_over = True
    wait()

    say(f"{after} more after that, {sum(unanswered)} requests refused meanwhile; looking at what is there")
    for number, person in enumerate(people):
        port = consoles[number % 2].port
        found = {entry["name"] for entry in person.call(port, "GET", "/organizations", None, person.session)[1]}
        check(found >= set(made[number]), f"{person.email} lost {set(made[number]) - found}")
        check(len(accepted[number]) == len(set(accepted[number])), f"{person.email}: a code was accepted twice")
        for session in sessions[number]:
            check(person.call(port, "GET", "/account", None, session)[0] == 200, f"{person.email} lost a session")
        left = person.call(port, "GET", "/mfa", None, person.session)[1]
        check(left["isOn"], f"{person.email} lost MFA")
        check(left["backupCodesLeft"] <= 10 - len(accepted[number]), f"{person.email}: a used code is unused again")
    say(f"{sum(map(len, made))} changes and {sum(map(len, accepted))} codes: all there, none accepted twice")
