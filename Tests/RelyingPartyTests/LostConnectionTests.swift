import Foundation
import OATH
import Testing

@testable import RelyingParty

/// A real connection whose line is cut when a transaction is saved, before or after the database has
/// done it.
private final class CutLine: Connection {
  enum Moment { case before, after, afterAndForEver }

  let inner: any Connection
  var cuts: [Moment] = []
  private var isDead = false

  init(_ inner: any Connection) { self.inner = inner }

  var dialect: Dialect { inner.dialect }
  let retries = 40
  var timeOfDay: Seconds { inner.timeOfDay }
  let sharesClock = false
  var deadline: Deadline {
    get { inner.deadline }
    set { inner.deadline = newValue }
  }

  func execute(
    _ sql: String, _ values: [StoredValue], limit: Int, _ read: (any Row) -> Void
  ) throws(Refusal) -> Int {
    try inner.execute(sql, values, limit: limit, read)
  }

  func begin(_ isolation: Isolation) throws(Refusal) {
    if isDead { throw .storage(.unreachable(reason: "cut")) }
    try inner.begin(isolation)
  }

  func commit() throws(Refusal) {
    guard !cuts.isEmpty else { return try inner.commit() }
    switch cuts.removeFirst() {
    case .before: inner.rollBack()
    case .after: try inner.commit()
    case .afterAndForEver:
      try inner.commit()
      isDead = true
    }
    throw .storage(.unreachable(reason: "cut"))
  }

  func rollBack() { inner.rollBack() }
  func checkWhole() throws(Refusal) { try inner.checkWhole() }
  func emptyLog() { inner.emptyLog() }
}

@Suite("A connection that is lost while something is saved", .onEachStore)
struct LostConnectionTests {
  /// A console, a person in it, and a connection to it that can be cut.
  private func stage() throws -> (console: Console, ann: Person, party: RelyingParty, line: CutLine)
  {
    let console = try Console()
    let ann = try Person(console, "ann")
    let line = CutLine(try Database(opening: console.store).connection)
    let party = try RelyingParty(
      over: Database(line), like: console.party, clock: { [unowned console] in console.now })
    return (console, ann, party, line)
  }

  private func organizations(_ console: Console, _ ann: Person) throws -> [String] {
    try console.party.organizations(ann.session).map(\.name)
  }

  @Test("what was saved is known to be, and is done once")
  func savedAlready() throws {
    let (console, ann, party, line) = try stage()
    line.cuts = [.after]
    let made = try party.createOrganization(named: "Acme", ann.session)
    #expect(line.cuts.isEmpty)
    #expect(try console.party.organization(made.id, ann.session) == made)
    #expect(try organizations(console, ann) == ["Acme"])
    #expect(try console.events().count { $0 == .organizationCreated } == 1)
  }

  @Test("what was not saved is given up for good, and done anew")
  func notSaved() throws {
    let (console, ann, party, line) = try stage()
    line.cuts = [.before]
    let made = try party.createOrganization(named: "Acme", ann.session)
    #expect(try console.party.organization(made.id, ann.session) == made)
    #expect(try organizations(console, ann) == ["Acme"])
    #expect(try console.events().suffix(2) == [.changeGivenUp, .organizationCreated])
  }

  @Test("a connection that is lost again while that is found out is not mistaken for either")
  func lostAgain() throws {
    for second in [CutLine.Moment.before, .after] {
      let (console, ann, party, line) = try stage()
      line.cuts = [.before, second]
      _ = try party.createOrganization(named: "Acme", ann.session)
      line.cuts = [.after, second]
      _ = try party.createOrganization(named: "Bell", ann.session)
      #expect(try organizations(console, ann) == ["Acme", "Bell"])
    }
  }

  @Test("if nobody can tell, the refusal says so, and not that nothing was changed")
  func unknown() throws {
    let (console, ann, party, line) = try stage()
    line.cuts = [.afterAndForEver]
    let refusal = try #require(throws: Refusal.self) {
      try party.within(milliseconds: 5_000) {
        try $0.createOrganization(named: "Acme", ann.session)
      }
    }
    #expect(refusal == .storage(.outcomeUnknown))
    #expect(!refusal.description.contains("Nothing was changed"))
    #expect(try organizations(console, ann) == ["Acme"])
  }

  @Test("Enable MFA over a line that is cut at each of its commits shows the backup codes once")
  func enable() throws {
    for cuts in [[CutLine.Moment.before], [.after], [.before, .after, .before]] {
      let (console, ann, party, line) = try stage()
      let token = TestToken(try party.beginEnable(ann.session))
      line.cuts = cuts
      let activation = try party.activate(ann.session, code: token.code(console.now))
      #expect(try console.party.mfaStatus(activation.session).backupCodesLeft == 10)
      try console.refuses(.sessionEnded) { try console.party.account(ann.session) }
      guard case .codeNeeded(let ticket) = try ann.passwordStep() else { throw Unexpected() }
      _ = try console.party.logIn(ticket, code: activation.codes[0])
    }
  }

  @Test("a code is accepted once, whenever the line is cut")
  func code() throws {
    let (console, ann, party, line) = try stage()
    try ann.enable()
    for cut in [CutLine.Moment.before, .after] {
      let (ticket, code) = (try ann.ticket(), ann.token!.code(console.now))
      // The try, which is spent before, is saved in a transaction of its own.
      line.cuts = [cut, cut]
      let signIn = try party.logIn(ticket, code: code)
      _ = try console.party.account(signIn.session)
      let again = try ann.ticket()
      #expect(throws: Refusal.codeUsed) { try console.party.logIn(again, code: code) }
      console.pass(3600)
    }
    #expect(try console.events().count { $0 == .codeAccepted } == 2)
  }

  @Test("of a session that is ended at the same moment, Enable, Update and Disable change nothing")
  func endedMeanwhile() throws {
    let (console, ann, party, _) = try stage()
    let token = TestToken(try party.beginEnable(ann.session))
    try console.party.signOut(ann.session)
    try console.refuses(.sessionEnded) {
      try party.activate(ann.session, code: token.code(console.now))
    }
    guard case .signedIn = try ann.passwordStep() else { throw Unexpected() }
  }
}
