import OATH
import Testing

@testable import RelyingParty

@Suite("The recovery case", .onEachStore)
struct RecoveryTests {
  static let personal: [RecoveryItem] = [
    .emailAddress, .postalAddress, .passport, .identityCard, .phoneNumber, .amountCharged,
    .bankStatement,
  ]

  private func open(
    _ person: Person, _ items: [RecoveryItem], isCorporate: Bool = false
  ) throws -> RecoveryCase.ID {
    let ticket = try person.ticket()
    let id = try person.console.party.openRecovery(ticket, isCorporate: isCorporate).id
    try person.console.party.handIn(items, ticket)
    return id
  }

  private func submit(_ person: Person) throws -> RecoveryCase.ID {
    let id = try open(person, Self.personal)
    #expect(try person.console.party.submitRecovery(person.ticket()).state == .submitted)
    return id
  }

  private func support(_ console: Console) throws -> Person {
    let support = try Person(console, "support", mfa: true)
    try console.party.appointOperator(support.email)
    return support
  }

  @Test("on approval MFA is taken off, the backup codes die, and the next login carries it out")
  func wholeWay() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let id = try submit(ann)
    try console.restart()
    #expect(try console.party.recoveryCases(support.session).map(\.id) == [id])
    try console.party.approveRecovery(id, support.session)

    #expect(try console.party.recoveries.find(id)?.state == .approved)
    try console.refuses(.sessionEnded) { try console.party.account(ann.session) }
    // The operator's ten are left.
    #expect(try console.party.database.rows("SELECT 1 FROM backup_code") { _ in 1 }.count == 10)
    #expect(try ann.logIn().means == .password)
    let found = try #require(try console.party.recoveries.find(id))
    #expect(found.state == .carriedOut)
    #expect(try found.judgedBy == support.id)
    let entries = try console.party.history(ann.session)
    let approval = try #require(entries.first { $0.event == .recoveryApproved })
    #expect(try approval.actor == support.id && approval.subject == ann.id)
    #expect(approval.recoveryCase == id)
    try ann.enable()
    try ann.logIn()
  }

  @Test("until it is approved, a case changes nothing about the login")
  func changesNothingBefore() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let id = try submit(ann)
    let signIn = try ann.logIn()
    #expect(signIn.undecidedRecovery == id)
    try ann.logIn(ann.backupCodes[0])
  }

  @Test("each thing that is missing is named, and the case stays open", arguments: personal)
  func namesWhatIsMissing(item: RecoveryItem) throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    _ = try open(ann, Self.personal.filter { $0 != item })
    let requirement = try #require(
      RecoveryRequirement.allCases.first { $0.items(isCorporate: false).contains(item) })
    let ticket = try ann.ticket()
    try console.refuses(.recoveryIncomplete([requirement])) {
      try console.party.submitRecovery(ticket)
    }
    try console.party.handIn([item], ticket)
    _ = try console.party.submitRecovery(ticket)
  }

  @Test("one thing of a kind does for the other")
  func alternatives() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    _ = try open(
      ann,
      [
        .emailAddress, .postalAddress, .passport, .identityCard, .phoneNumber, .lastInvoice,
        .cardStatement,
      ])
    #expect(try console.party.submitRecovery(ann.ticket()).missing.isEmpty)
  }

  @Test("two documents of identity are two different ones")
  func twoDifferentDocuments() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    _ = try open(ann, Self.personal.filter { $0 != .identityCard } + [.passport, .passport])
    let ticket = try ann.ticket()
    try console.refuses(.recoveryIncomplete([.identity])) {
      try console.party.submitRecovery(ticket)
    }
  }

  @Test("for a company, and only for one, the certificate of incorporation is one of the documents")
  func certificate() throws {
    let console = try Console()
    let items = Self.personal.filter { $0 != .passport } + [.certificateOfIncorporation]
    let ann = try Person(console, "ann", mfa: true)
    _ = try open(ann, items)
    let ticket = try ann.ticket()
    try console.refuses(.recoveryIncomplete([.identity])) {
      try console.party.submitRecovery(ticket)
    }
    let company = try Person(console, "company", mfa: true)
    _ = try open(company, Self.personal, isCorporate: true)
    let other = try company.ticket()
    try console.refuses(.recoveryIncomplete([.identity])) {
      try console.party.submitRecovery(other)
    }
    try console.party.handIn([.certificateOfIncorporation], other)
    _ = try console.party.submitRecovery(other)
  }

  @Test("only support operators decide a case, and never their own")
  func whoMayJudge() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let stranger = try Person(console, "stranger", mfa: true)
    let colleague = try Person(console, "colleague", mfa: true)
    let owner = try Person(console, "owner", mfa: true)
    try console.party.appointOperator(ann.email)
    _ = try owner.makeOrganization("Acme", [ann, colleague])
    let session = ann.session
    let id = try submit(ann)
    let party = try console.party

    #expect(try party.recoveryCases(session).isEmpty)
    try console.refuses(.ownCase) { try party.approveRecovery(id, session) }
    try console.refuses(.ownCase) { try party.refuseRecovery(id, reason: "no", session) }
    try console.refuses(.ownCase) { try party.recoveryCase(id, session) }
    // Not even an Owner of an Organization of the person.
    for person in [stranger, colleague, owner] {
      #expect(try party.recoveryCases(person.session).isEmpty)
      try console.refuses(.notAnOperator) { try party.recoveryCase(id, person.session) }
      try console.refuses(.notAnOperator) { try party.approveRecovery(id, person.session) }
      try console.refuses(.notAnOperator) {
        try party.refuseRecovery(id, reason: "no", person.session)
      }
    }
  }

  @Test("an operator without MFA, or whose proof is old, decides nothing")
  func operatorsNeedMFA() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try Person(console, "support")
    let party = try console.party
    try party.appointOperator(support.email)
    let id = try submit(ann)
    try console.refuses(.ownMFANeeded) { try party.approveRecovery(id, support.session) }
    try console.refuses(.ownMFANeeded) {
      try party.refuseRecovery(id, reason: "no", support.session)
    }
    try support.enable()
    try party.approveRecovery(id, support.session)
  }

  @Test("an operator who was dismissed judges no longer")
  func dismissedOperator() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let id = try submit(ann)
    try console.party.appointOperator(support.email, false)
    try console.refuses(.notAnOperator) { try console.party.approveRecovery(id, support.session) }
    try console.refuses(.notAnOperator) { try console.party.auditLog(support.session) }
    try console.refuses(.noSuchAccount) {
      try console.party.appointOperator("nobody@example.com")
    }
  }

  @Test("a judge whose proof of who they are is old shows it again first")
  func judgesProveAnew() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let id = try submit(ann)
    console.pass(console.policy.reauthenticationWindow.rawValue)
    let party = try console.party
    try console.refuses(.reauthenticationNeeded) { try party.approveRecovery(id, support.session) }
    try console.refuses(.reauthenticationNeeded) {
      try party.refuseRecovery(id, reason: "no", support.session)
    }
    let proved = try party.reauthenticate(
      support.session, password: support.password, code: support.token!.code(console.now))
    try party.approveRecovery(id, proved)
  }

  @Test("a refused case leaves MFA on, gives its reason, and another may be opened")
  func refused() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let id = try submit(ann)
    for reason in ["", String(repeating: "x", count: 501)] {
      try console.refuses(.evidenceUnusable(mostBytes: 500)) {
        try console.party.refuseRecovery(id, reason: reason, support.session)
      }
    }
    try console.party.refuseRecovery(id, reason: "the names differ", support.session)
    let ticket = try ann.ticket()
    let found = try #require(try console.party.recoveryCase(ticket))
    #expect(found.state == .refused && found.reason == "the names differ")
    try console.refuses(.recoveryNot(.refused)) {
      try console.party.approveRecovery(id, support.session)
    }
    #expect(try submit(ann) != id)
    try ann.logIn()
  }

  @Test("only a submitted case is judged, and each once")
  func statesAreKept() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let id = try open(ann, Self.personal)
    let party = try console.party
    #expect(try party.recoveryCases(support.session).isEmpty)
    try console.refuses(.recoveryNot(.open)) { try party.approveRecovery(id, support.session) }
    let ticket = try ann.ticket()
    _ = try party.submitRecovery(ticket)
    try console.refuses(.recoveryNot(.submitted)) { try party.submitRecovery(ticket) }
    try console.refuses(.recoveryNot(.submitted)) { try party.handIn(.postalAddress, "x", ticket) }
    try console.refuses(.recoveryAlreadyOpen) {
      try party.openRecovery(ticket, isCorporate: false)
    }
    try party.approveRecovery(id, support.session)
    try console.refuses(.recoveryNot(.approved)) { try party.approveRecovery(id, support.session) }
    try console.refuses(.recoveryNot(.approved)) {
      try party.refuseRecovery(id, reason: "late", support.session)
    }
    try console.refuses(.noRecoveryCase) {
      try party.approveRecovery(RecoveryCase.ID(id.rawValue + 1), support.session)
    }
  }

  @Test("who logs in after all can withdraw the case; changing MFA withdraws it by itself")
  func withdrawn() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let first = try submit(ann)
    try ann.logIn()
    try console.party.withdrawRecovery(ann.session)
    try console.refuses(.noRecoveryCase) { try console.party.withdrawRecovery(ann.session) }
    try console.refuses(.recoveryNot(.withdrawn)) {
      try console.party.approveRecovery(first, support.session)
    }
    let second = try open(ann, [])
    try console.party.withdrawRecovery(ann.ticket())
    #expect(try console.party.recoveries.find(second)?.state == .withdrawn)

    let third = try submit(ann)
    try ann.logIn()
    try ann.update()
    try console.refuses(.recoveryNot(.withdrawn)) {
      try console.party.approveRecovery(third, support.session)
    }
    let fourth = try submit(ann)
    try ann.logIn()
    ann.session = try console.party.disable(ann.session, typed: "DISABLE")
    #expect(try console.party.recoveries.find(fourth)?.state == .withdrawn)
  }

  @Test("what was handed in before a case was withdrawn is not shown to those who judge")
  func withdrawnIsNotShown() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let party = try console.party
    let unfinished = try open(ann, [.postalAddress])
    try console.refuses(.noRecoveryCase) { try party.recoveryCase(unfinished, support.session) }
    try party.withdrawRecovery(ann.ticket())
    try console.refuses(.noRecoveryCase) { try party.recoveryCase(unfinished, support.session) }
    let submitted = try submit(ann)
    #expect(try party.recoveryCase(submitted, support.session).evidence[.postalAddress] != nil)
  }

  @Test("it takes the password: without a login ticket there is no case")
  func needsTicket() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let ticket = try ann.ticket()
    try console.refuses(.noRecoveryCase) { try console.party.submitRecovery(ticket) }
    #expect(try console.party.recoveryCase(ticket) == nil)
    console.pass(console.policy.ticketLifetime.rawValue)
    try console.refuses(.ticketEnded) { try console.party.openRecovery(ticket, isCorporate: false) }
    try console.refuses(.ticketEnded) { try console.party.handIn(.postalAddress, "x", ticket) }
  }

  @Test("after the approval an Organization that enforces MFA leads to Enable MFA")
  func enforcedAfterRecovery() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let ann = try Person(console, "ann", mfa: true)
    let acme = try owner.makeOrganization("Acme", [ann])
    try console.party.enforceMFA(in: acme, grace: Seconds(0), owner.session)
    let support = try support(console)
    let id = try submit(ann)
    try console.party.approveRecovery(id, support.session)
    guard case .enableNeeded(let session, _) = try ann.passwordStep() else { throw Unexpected() }
    ann.session = session
    try ann.enable()
    try ann.logIn()
  }

  @Test("wrong codes before the approval do not hold the person up after it")
  func approvalClearsWrongCodes() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let id = try submit(ann)
    while true {
      do {
        _ = try console.party.logIn(ann.ticket(), code: ann.wrongCode())
      } catch Refusal.wrongCode {
      } catch Refusal.tooManyTries {
        break
      }
    }
    try console.party.approveRecovery(id, support.session)
    try ann.logIn()
    try ann.enable()
    try ann.logIn()
  }
}

extension RelyingParty {
  /// Hands in so many things: words, or files where documents are asked for.
  func handIn(_ items: [RecoveryItem], _ ticket: LoginTicket) throws {
    for item in items {
      if item.isDocument {
        let document = Document(name: "paper.pdf", content: Array("%PDF-1.7".utf8))
        _ = try handIn(item, document: document, ticket)
      } else {
        _ = try handIn(item, "12 Bell Lane", ticket)
      }
    }
  }
}
