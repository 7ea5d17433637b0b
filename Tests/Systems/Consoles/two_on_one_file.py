#!/usr/bin/env python3
"""Two consoles on one SQLite file under load; one is killed and started again and again, and commands come and go.
Everything that was acknowledged is there at the end, and the file is whole.
Usage: two_on_one_file.py CONSOLE [SEED]"""
import os
import random
import sqlite3
import subprocess
import sys
import time

from parts import Console, Folder, Person, check, free_port, say, seed, threads

ROUNDS = int(os.environ.get("ROUNDS", 12))
seed()
with Folder() as folder:
    database, key = f"{folder.path}/console.sqlite", f"{folder.path}/console.key"
    steady, victim = (folder.keep(Console(folder.path, name, database, key).start()) for name in ("steady", "victim"))
    people = [Person(steady.port, number) for number in range(6)]
    log_node = os.stat(database + "-wal").st_ino
    acknowledged, is_over = [[] for _ in people], False

    def load(number):
        made = 0
        while not is_over:
            port = (steady if number % 2 else victim).port
            name = f"Organization {number} {made}"
            made += 1
            status, _, kind = people[number].call(port, "POST", "/organizations", {"name": name}, people[number].session)
            if status == 201:
                acknowledged[number].append(name)
            else:
                check(status in (0, 503), f"{status} {kind} for a new Organization")

    wait = threads(len(people), load)
    for number in range(ROUNDS):
        time.sleep(random.uniform(0.1, 0.6))
        victim.kill()
        words = [sys.argv[1], "--database", database, "--key-file", key, "--hash-cost", "1"]
        subprocess.run([*words, "appoint", people[0].email], check=True, capture_output=True)
        subprocess.run([*words, "backup", f"{folder.path}/backup{number}"], check=True, capture_output=True)
        victim.start()
    is_over = True
    wait()
    check(os.stat(database + "-wal").st_ino == log_node, "the write-ahead log was replaced under a console")
    steady.kill()
    victim.kill()
    steady.start()
    for person, names in zip(people, acknowledged):
        found = {entry["name"] for entry in person.call(steady.port, "GET", "/organizations", None, person.session)[1]}
        check(found >= set(names), f"{len(set(names) - found)} acknowledged Organizations are gone")
    steady.kill()
    for file in [database] + [f"{folder.path}/backup{number}" for number in range(ROUNDS)]:
        whole = sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone()[0]
        check(whole == "ok", f"{file}: {whole}")
    say(f"{sum(map(len, acknowledged))} acknowledged changes, {ROUNDS} kills and backups: all there, all whole")
