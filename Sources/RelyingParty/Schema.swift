/// The tables, one script for each version of the layout (`user_version` counts them).
///
/// Where the schema can hold a rule it does: backup codes belong to the credential they came with
/// and go with it (cascade); an account has at most one pending and one active credential, and at
/// most one recovery case that is not decided; nothing in the audit table can be changed.
enum Schema {
  static let versions = [
    """
    CREATE TABLE console (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      hash_key BLOB NOT NULL            -- 32 bytes; see KeyedHash
    ) STRICT;

    CREATE TABLE account (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      email TEXT NOT NULL UNIQUE,       -- in lower case
      password_hash TEXT NOT NULL,      -- crypt(5), yescrypt
      is_operator INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE credential (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
      is_active INTEGER NOT NULL DEFAULT 0,  -- 0: an enrolment that waits for its first code
      sealing INTEGER NOT NULL,         -- how `secret` is kept; see SecretSealing
      secret BLOB NOT NULL,
      algorithm INTEGER NOT NULL,       -- HashAlgorithm's number
      digits INTEGER NOT NULL,
      period INTEGER NOT NULL,          -- seconds
      expires_at INTEGER NOT NULL,      -- of the enrolment; without meaning once active
      drift INTEGER NOT NULL DEFAULT 0, -- steps; positive: the token is ahead
      last_step INTEGER NOT NULL DEFAULT -1,  -- of the last code accepted
      backup_setting TEXT,              -- crypt(5) setting shared by the set of backup codes
      UNIQUE (account, is_active)
    ) STRICT;

    CREATE TABLE backup_code (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      credential INTEGER NOT NULL REFERENCES credential ON DELETE CASCADE,
      hash TEXT,                        -- NULL once used
      used_at INTEGER
    ) STRICT;
    CREATE INDEX backup_code_by_credential ON backup_code (credential);

    CREATE TABLE ticket (
      hash BLOB PRIMARY KEY,            -- KeyedHash of the bearer's 32 bytes
      account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
      reach INTEGER NOT NULL,           -- Ticket.Reach
      expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX ticket_by_account ON ticket (account);

    CREATE TABLE throttle (
      subject BLOB PRIMARY KEY,         -- KeyedHash of the stage and the account's name
      stage TEXT NOT NULL,              -- Throttle.Stage
      failures INTEGER NOT NULL,
      not_before INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE organization (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      enforces_mfa INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE membership (
      organization INTEGER NOT NULL REFERENCES organization ON DELETE CASCADE,
      account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
      role TEXT NOT NULL,               -- Role
      may_manage_mfa INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (organization, account)
    ) STRICT;
    CREATE INDEX membership_by_account ON membership (account);

    CREATE TABLE invitation (
      organization INTEGER NOT NULL REFERENCES organization ON DELETE CASCADE,
      email TEXT NOT NULL,              -- in lower case; there may be no such account
      role TEXT NOT NULL,
      may_manage_mfa INTEGER NOT NULL,
      invited_at INTEGER NOT NULL,
      PRIMARY KEY (organization, email)
    ) STRICT;

    CREATE TABLE recovery_case (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
      is_corporate INTEGER NOT NULL,
      state TEXT NOT NULL,              -- RecoveryCase.State
      opened_at INTEGER NOT NULL,
      judged_by INTEGER REFERENCES account,
      judged_at INTEGER,
      reason TEXT
    ) STRICT;
    CREATE UNIQUE INDEX one_undecided_case ON recovery_case (account)
      WHERE state IN ('open', 'submitted');

    CREATE TABLE recovery_item (
      recovery_case INTEGER NOT NULL REFERENCES recovery_case ON DELETE CASCADE,
      item TEXT NOT NULL,               -- RecoveryItem
      reference TEXT NOT NULL,
      PRIMARY KEY (recovery_case, item)
    ) STRICT;

    CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      event TEXT NOT NULL,              -- AuditEvent
      actor INTEGER,                    -- account; NULL: nobody signed in
      subject INTEGER,                  -- account
      organization INTEGER,
      recovery_case INTEGER,
      detail TEXT
    ) STRICT;
    CREATE INDEX audit_by_subject ON audit (subject);
    CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
      BEGIN SELECT raise(ABORT, 'the audit log only grows'); END;
    CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
      BEGIN SELECT raise(ABORT, 'the audit log only grows'); END;
    """,
    """
    CREATE TABLE resynchronisation (
      credential INTEGER PRIMARY KEY REFERENCES credential ON DELETE CASCADE,
      step INTEGER NOT NULL             -- of the first of two codes in a row; see TokenClock
    ) STRICT;
    """,
  ]
}
