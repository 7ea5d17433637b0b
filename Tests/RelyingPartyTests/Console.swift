import Foundation
import OATH
import Testing

@testable import RelyingParty

/// A console in a folder of its own, with a clock that is moved by hand.
final class Console {
  let folder: URL
  let policy: Policy
  var now = Seconds(1_700_000_010)
  /// What is opened: a file in the folder, or a schema of the tests' PostgreSQL server.
  let store: String
  private var opened: RelyingParty?
  /// A connection of its own that looks at what is there.
  private var inspector: Database?

  init(_ change: (inout Policy) -> Void = { _ in }) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "party-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    store =
      switch Store.current {
      case .sqlite: folder.appending(path: "console.db").path
      case .postgresql: try ScratchServer.newSchema()
      }
    var policy = Policy.quick
    change(&policy)
    self.policy = policy
  }

  deinit {
    opened = nil
    inspector = nil
    try? FileManager.default.removeItem(at: folder)
  }

  /// The SQLite file.
  var file: String { folder.appending(path: "console.db").path }
  var keyFile: String { file + ".key" }

  var party: RelyingParty {
    get throws {
      if let opened { return opened }
      let party = try open()
      opened = party
      return party
    }
  }

  /// Another connection to the same file.
  func open() throws -> RelyingParty {
    try RelyingParty(
      opening: store, keyFile: keyFile, policy: policy, clock: { [unowned self] in now })
  }

  /// Closes the file and opens it anew, as a restart does.
  func restart() throws {
    opened = nil
    inspector = nil
    _ = try party
  }

  /// Closes the file: nobody uses it after that.
  func close() throws {
    opened = nil
    inspector = nil
  }

  func pass(_ seconds: Int64) { now = Seconds(now.rawValue + seconds) }
  /// On to the next step, in which no code was used yet.
  func passStep() { pass(policy.period.rawValue) }

  private static let uncompared =
    "'audit', 'audit_link', 'throttle', 'resynchronisation', 'spent_step', 'sqlite_sequence'"

  /// Everything in the database but the audit log, the counts of tries, and which codes were submitted.
  func contents() throws -> [String] {
    _ = try party
    let database = try inspector ?? Database(opening: store)
    inspector = database
    switch database.connection.dialect {
    case .sqlite:
      let tables = try database.rows(
        """
        SELECT name FROM sqlite_schema
        WHERE type = 'table' AND name NOT IN (\(Self.uncompared)) ORDER BY name
        """
      ) { $0.text(0) }
      return try tables.flatMap { table in
        let columns = try database.rows("SELECT name FROM pragma_table_info('\(table)')") {
          "quote(\($0.text(0)))"
        }
        let row = columns.joined(separator: " || ',' || ")
        return try database.rows("SELECT \(row) FROM \(table) ORDER BY 1") {
          "\(table): \($0.text(0))"
        }
      }
    case .postgresql:
      let tables = try database.rows(
        """
        SELECT tablename FROM pg_catalog.pg_tables
        WHERE schemaname = current_schema() AND tablename NOT IN (\(Self.uncompared))
        ORDER BY 1
        """
      ) { $0.text(0) }
      return try tables.flatMap { table in
        try database.rows("SELECT t::text FROM \(table) AS t ORDER BY 1") {
          "\(table): \($0.text(0))"
        }
      }
    }
  }

  /// Requires that `body` is refused as expected and that nothing was changed by it.
  func refuses<T>(
    _ expected: Refusal, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> T
  ) throws {
    let before = try contents()
    #expect(throws: expected, sourceLocation: sourceLocation) { _ = try body() }
    #expect(try contents() == before, sourceLocation: sourceLocation)
  }

  /// The names of the events in the audit log, oldest first.
  func events() throws -> [AuditEvent] { try party.log.entries(of: nil, last: 10_000).map(\.event) }
}

extension Policy {
  /// The real rules, with hashes that take a millisecond, and approvals that take effect at once.
  static var quick: Policy {
    var policy = Policy()
    policy.hashCost = 1
    policy.recoveryWait = Seconds(0)
    return policy
  }
}

/// A token of its own: a key, and a clock that may be off.
struct TestToken {
  let secret: [UInt8]
  let algorithm: HashAlgorithm
  let digits: Digits
  let period: Seconds
  /// Seconds its clock is ahead.
  var ahead: Int64 = 0

  init(_ enrolment: Enrolment) {
    secret = enrolment.uri.secret
    algorithm = enrolment.uri.algorithm
    digits = enrolment.uri.digits
    period = enrolment.uri.period
  }

  func code(_ now: Seconds) -> String {
    let key = OATHKey(algorithm: algorithm, secret: secret.span)
    let step = TOTP(period: period)!.step(at: Seconds(now.rawValue + ahead))!
    return HOTP.code(key: key, at: MovingFactor(step), digits: digits).description
  }
}

/// A person with an account, and a token once MFA is on.
final class Person {
  let console: Console
  let email: String
  let password: String
  var session: Session
  var token: TestToken?
  var backupCodes: [String] = []

  init(_ console: Console, _ name: String, mfa: Bool = false) throws {
    self.console = console
    email = "\(name)@example.com"
    password = "the long password of \(name)"
    try console.party.signUp(email: email, password: password)
    guard case .signedIn(let signIn) = try console.party.logIn(email: email, password: password)
    else { throw Unexpected() }
    session = signIn.session
    if mfa { try enable() }
  }

  var id: Account.ID { get throws { try console.party.account(session).id } }

  func enable() throws {
    let enrolment = try console.party.beginEnable(session)
    try finish(enrolment)
  }

  func update() throws { try finish(console.party.beginUpdate(session)) }

  private func finish(_ enrolment: Enrolment) throws {
    let token = TestToken(enrolment)
    let activation = try console.party.activate(session, code: token.code(console.now))
    (backupCodes, session) = (activation.codes, activation.session)
    self.token = token
    console.passStep()
  }

  func passwordStep() throws -> PasswordStep {
    try console.party.logIn(email: email, password: password)
  }

  /// Proves anew who they are, with whatever that takes.
  func prove() throws {
    session = try console.party.reauthenticate(
      session, password: password, code: token?.code(console.now))
    console.passStep()
  }

  /// The prompt for the code.
  func ticket() throws -> LoginTicket {
    guard case .codeNeeded(let ticket) = try passwordStep() else { throw Unexpected() }
    return ticket
  }

  /// Logs in with whatever is needed; the code is the token's, unless another is given.
  @discardableResult
  func logIn(_ typed: String? = nil) throws -> SignIn {
    switch try passwordStep() {
    case .signedIn(let signIn):
      session = signIn.session
      return signIn
    case .codeNeeded(let ticket):
      let signIn = try console.party.logIn(ticket, code: typed ?? token!.code(console.now))
      session = signIn.session
      console.passStep()
      return signIn
    case .enableNeeded: throw Unexpected()
    }
  }

  /// A code that is not the token's in any step that might be accepted.
  func wrongCode() -> String {
    let near = (-20...20).map { token!.code(Seconds(console.now.rawValue + $0 * 30)) }
    return (0...).lazy.map { String(format: "%06d", $0) }.first { !near.contains($0) }!
  }
}

/// A flow went on in a way that the test did not mean.
struct Unexpected: Error {}
