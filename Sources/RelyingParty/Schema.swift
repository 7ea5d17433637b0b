/// The tables, one script for each version of the layout. Words in braces are `Dialect`'s; TEXT and
/// the rest mean the same in both databases.
///
/// Where the schema can hold a rule it does: backup codes belong to the credential they came with
/// and go with it (cascade); an account has at most one pending and one active credential, and at
/// most one recovery case that is not decided; nothing in the audit table can be changed.
enum Schema {
  static let versions = [
    """
    CREATE TABLE console (
      only_row {integer} PRIMARY KEY CHECK (only_row = 1),
      hash_key {bytes} NOT NULL            -- 32 bytes; see KeyedHash
    ) {strict};

    CREATE TABLE account (
      id {id},
      email TEXT NOT NULL UNIQUE,       -- in lower case
      password_hash TEXT NOT NULL,      -- crypt(5), yescrypt
      is_operator {flag} NOT NULL DEFAULT FALSE,
      created_at {integer} NOT NULL
    ) {strict};

    CREATE TABLE credential (
      id {id},
      account {integer} NOT NULL REFERENCES account ON DELETE CASCADE,
      is_active {flag} NOT NULL DEFAULT FALSE,  -- false: an enrolment that waits for its first code
      sealing {integer} NOT NULL,         -- how `secret` is kept; see SecretSealing
      secret {bytes} NOT NULL,
      algorithm {integer} NOT NULL,       -- HashAlgorithm's number
      digits {integer} NOT NULL,
      period {integer} NOT NULL,          -- seconds
      expires_at {integer} NOT NULL,      -- of the enrolment; without meaning once active
      drift {integer} NOT NULL DEFAULT 0, -- steps; positive: the token is ahead
      last_step {integer} NOT NULL DEFAULT -1,  -- of the last code accepted
      backup_setting TEXT,              -- crypt(5) setting shared by the set of backup codes
      UNIQUE (account, is_active)
    ) {strict};

    CREATE TABLE backup_code (
      id {id},
      credential {integer} NOT NULL REFERENCES credential ON DELETE CASCADE,
      hash TEXT,                        -- NULL once used
      used_at {integer}
    ) {strict};
    CREATE INDEX backup_code_by_credential ON backup_code (credential);

    CREATE TABLE ticket (
      hash {bytes} PRIMARY KEY,            -- KeyedHash of the bearer's 32 bytes
      account {integer} NOT NULL REFERENCES account ON DELETE CASCADE,
      reach {integer} NOT NULL,           -- Ticket.Reach
      expires_at {integer} NOT NULL
    ) {strict};
    CREATE INDEX ticket_by_account ON ticket (account);

    CREATE TABLE throttle (
      subject {bytes} PRIMARY KEY,         -- KeyedHash of the stage and the account's name
      stage TEXT NOT NULL,              -- Throttle.Stage
      failures {integer} NOT NULL,
      not_before {integer} NOT NULL
    ) {strict};

    CREATE TABLE organization (
      id {id},
      name TEXT NOT NULL UNIQUE {caseless},
      enforces_mfa {flag} NOT NULL DEFAULT FALSE
    ) {strict};

    CREATE TABLE membership (
      organization {integer} NOT NULL REFERENCES organization ON DELETE CASCADE,
      account {integer} NOT NULL REFERENCES account ON DELETE CASCADE,
      role TEXT NOT NULL,               -- Role
      may_manage_mfa {flag} NOT NULL DEFAULT FALSE,
      PRIMARY KEY (organization, account)
    ) {strict};
    CREATE INDEX membership_by_account ON membership (account);

    CREATE TABLE invitation (
      organization {integer} NOT NULL REFERENCES organization ON DELETE CASCADE,
      email TEXT NOT NULL,              -- in lower case; there may be no such account
      role TEXT NOT NULL,
      may_manage_mfa {flag} NOT NULL,
      invited_at {integer} NOT NULL,
      PRIMARY KEY (organization, email)
    ) {strict};

    CREATE TABLE recovery_case (
      id {id},
      account {integer} NOT NULL REFERENCES account ON DELETE CASCADE,
      is_corporate {flag} NOT NULL,
      state TEXT NOT NULL,              -- RecoveryCase.State
      opened_at {integer} NOT NULL,
      judged_by {integer} REFERENCES account,
      judged_at {integer},
      reason TEXT
    ) {strict};
    CREATE UNIQUE INDEX one_undecided_case ON recovery_case (account)
      WHERE state IN ('open', 'submitted');

    CREATE TABLE recovery_item (
      recovery_case {integer} NOT NULL REFERENCES recovery_case ON DELETE CASCADE,
      item TEXT NOT NULL,               -- RecoveryItem
      reference TEXT NOT NULL,
      PRIMARY KEY (recovery_case, item)
    ) {strict};

    CREATE TABLE audit (
      id {id},
      at {integer} NOT NULL,
      event TEXT NOT NULL,              -- AuditEvent
      actor {integer},                    -- account; NULL: nobody signed in
      subject {integer},                  -- account
      organization {integer},
      recovery_case {integer},
      detail TEXT
    ) {strict};
    CREATE INDEX audit_by_subject ON audit (subject);
    {audit only grows}
    """,
    """
    CREATE TABLE resynchronisation (
      credential {integer} PRIMARY KEY REFERENCES credential ON DELETE CASCADE,
      step {integer} NOT NULL           -- of the first of two codes in a row; see TokenClock
    ) {strict};
    """,
    """
    -- Sessions have since when and from where; those there were end.
    DROP TABLE ticket;
    CREATE TABLE ticket (
      id {id},
      hash {bytes} NOT NULL UNIQUE,     -- KeyedHash of the bearer's 32 bytes
      account {integer} NOT NULL REFERENCES account ON DELETE CASCADE,
      reach {integer} NOT NULL,         -- TicketReach
      issued_at {integer} NOT NULL,
      proved_at {integer} NOT NULL,     -- when the person last showed password and code
      used_at {integer} NOT NULL,
      expires_at {integer} NOT NULL,
      address TEXT NOT NULL,            -- Client
      agent TEXT NOT NULL
    ) {strict};
    CREATE INDEX ticket_by_account ON ticket (account);
    CREATE INDEX ticket_by_expiry ON ticket (expires_at);

    CREATE INDEX throttle_by_time ON throttle (not_before);
    CREATE INDEX audit_by_actor ON audit (actor);
    CREATE INDEX audit_by_organization ON audit (organization);
    CREATE UNIQUE INDEX organization_by_name ON organization (lower(name));
    CREATE INDEX recovery_case_by_account ON recovery_case (account);

    -- Apart from what is read with every case, and gone when it is decided.
    CREATE TABLE recovery_document (
      recovery_case {integer} NOT NULL REFERENCES recovery_case ON DELETE CASCADE,
      item TEXT NOT NULL,               -- RecoveryItem
      name TEXT NOT NULL,
      media_type TEXT NOT NULL,         -- MediaType
      size {integer} NOT NULL,          -- bytes, before sealing
      sealed {bytes} NOT NULL,          -- see SealingKeys
      PRIMARY KEY (recovery_case, item)
    ) {strict};
    """,
    """
    -- Each line of the audit log is found again by its mark, and sealed (KeyedHash.seal).
    ALTER TABLE audit ADD COLUMN mark {bytes};
    ALTER TABLE audit ADD COLUMN seal {bytes};
    CREATE UNIQUE INDEX audit_by_mark ON audit (mark);

    -- Databases do not agree on the small letters of others than ASCII's: the console folds names.
    ALTER TABLE organization ADD COLUMN folded TEXT;
    DROP INDEX organization_by_name;
    CREATE UNIQUE INDEX organization_by_folded ON organization (folded);
    """,
    """
    -- Enforcement has a date: when it was set, plus the grace period. What was enforced, is.
    ALTER TABLE organization ADD COLUMN enforced_at {integer};
    ALTER TABLE organization ADD COLUMN grace {integer} NOT NULL DEFAULT 259200; -- seconds
    UPDATE organization SET enforced_at = 0, grace = 0 WHERE enforces_mfa;
    ALTER TABLE organization DROP COLUMN enforces_mfa;
    -- Sessions are confined by the date, whenever they logged in.
    UPDATE ticket SET reach = 3 WHERE reach = 2;

    ALTER TABLE invitation ADD COLUMN invited_by {integer} REFERENCES account;

    ALTER TABLE recovery_case ADD COLUMN opened_by {integer} REFERENCES account;  -- an operator
    ALTER TABLE recovery_case ADD COLUMN effective_at {integer};  -- of an approval
    DROP INDEX one_undecided_case;
    CREATE UNIQUE INDEX one_undecided_case ON recovery_case (account)
      WHERE state IN ('open', 'submitted', 'approved but waiting');

    -- Evidence is sealed. What was there in the clear goes; who waits hands it in once more.
    UPDATE recovery_case SET state = 'open' WHERE state = 'submitted';
    DROP TABLE recovery_item;
    DELETE FROM recovery_document;
    CREATE TABLE recovery_item (
      recovery_case {integer} NOT NULL REFERENCES recovery_case ON DELETE CASCADE,
      item TEXT NOT NULL,               -- RecoveryItem
      sealed {bytes} NOT NULL,          -- see SealingKeys
      PRIMARY KEY (recovery_case, item)
    ) {strict};
    ALTER TABLE recovery_document DROP COLUMN name;

    -- Steps whose codes were accepted, or submitted as the first of two; see TokenClock.
    CREATE TABLE spent_step (
      credential {integer} NOT NULL REFERENCES credential ON DELETE CASCADE,
      step {integer} NOT NULL,
      PRIMARY KEY (credential, step)
    ) {strict};
    """,
    """
    -- What a writer of the database without the key file must not change has a seal (KeyedHash.seal).
    -- The console seals what is there at its next start. Sessions there were end.
    ALTER TABLE account ADD COLUMN seal {bytes};
    ALTER TABLE invitation ADD COLUMN seal {bytes};
    ALTER TABLE recovery_case ADD COLUMN seal {bytes};
    DELETE FROM ticket;
    ALTER TABLE ticket ADD COLUMN seal {bytes};
    ALTER TABLE ticket ADD COLUMN proof_seal {bytes};

    -- Each link seals the audit log's lines since the one before it, so that none can be taken out.
    CREATE TABLE audit_link (
      id {id},
      last_line {integer} NOT NULL,
      seal {bytes} NOT NULL
    ) {strict};
    """,
  ]
}
