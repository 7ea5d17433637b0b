import OATH

/// The way back for one who lost both the token and the backup codes: evidence is handed in, and a
/// person judges it.
public struct RecoveryCase: Equatable, Sendable {
  public typealias ID = RowID<RecoveryCase>

  public enum State: String, Sendable {
    /// Evidence can be handed in.
    case open
    /// Waits to be judged.
    case submitted
    /// MFA was taken off; the person has not been back yet.
    case approved
    case refused
    case withdrawn
    /// The person logged in after the approval.
    case carriedOut = "carried out"
  }

  public let id: ID
  public let account: Account.ID
  public let email: String
  /// Whether it is a company's account, for which the certificate of incorporation may stand for
  /// one of the two documents of identity.
  public let isCorporate: Bool
  public let state: State
  public let opened: Seconds
  /// What was handed in, each with where it is kept or what it says.
  public let evidence: [RecoveryItem: String]
  /// The documents among it, until the case is decided.
  public let documents: [RecoveryItem: DocumentEntry]
  /// Who approved or refused it, when, and with what words.
  public let judgedBy: Account.ID?
  public let judged: Seconds?
  public let reason: String?

  /// What is still to be handed in.
  public var missing: [RecoveryRequirement] {
    RecoveryRequirement.allCases.filter { requirement in
      let handedIn = requirement.items(isCorporate: isCorporate).filter { evidence[$0] != nil }
      return handedIn.count < requirement.count
    }
  }
}

/// Something that can be handed in.
public enum RecoveryItem: String, CaseIterable, Sendable {
  case emailAddress
  case postalAddress
  case passport
  /// A local identity card.
  case identityCard
  case certificateOfIncorporation
  case phoneNumber
  /// A copy of the last invoice.
  case lastInvoice
  /// The amount last charged, in the place of the copy.
  case amountCharged
  /// A card or bank statement that shows the debit.
  case cardStatement
  case bankStatement

  /// Whether it is a document, of which a picture or PDF can be handed in, rather than some words.
  public var isDocument: Bool {
    switch self {
    case .emailAddress, .postalAddress, .phoneNumber, .amountCharged: false
    case .passport, .identityCard, .certificateOfIncorporation, .lastInvoice, .cardStatement,
      .bankStatement:
      true
    }
  }

  /// As it is named on a page.
  public var title: String {
    switch self {
    case .emailAddress: "E-mail address"
    case .postalAddress: "Postal address"
    case .passport: "Passport"
    case .identityCard: "Local ID card"
    case .certificateOfIncorporation: "Certificate of incorporation"
    case .phoneNumber: "Contact phone number"
    case .lastInvoice: "Copy of the last invoice"
    case .amountCharged: "Amount last charged"
    case .cardStatement: "Card statement that shows the debit"
    case .bankStatement: "Bank statement that shows the debit"
    }
  }
}

/// Something that has to be handed in, and what fulfils it.
public enum RecoveryRequirement: CaseIterable, Sendable, CustomStringConvertible {
  case emailAddress, postalAddress, identity, phoneNumber, invoice, debit

  /// What counts towards it.
  public func items(isCorporate: Bool) -> [RecoveryItem] {
    switch self {
    case .emailAddress: [.emailAddress]
    case .postalAddress: [.postalAddress]
    case .identity:
      [.passport, .identityCard] + (isCorporate ? [.certificateOfIncorporation] : [])
    case .phoneNumber: [.phoneNumber]
    case .invoice: [.lastInvoice, .amountCharged]
    case .debit: [.cardStatement, .bankStatement]
    }
  }

  /// How many of `items` it takes.
  public var count: Int { self == .identity ? 2 : 1 }

  public var description: String {
    switch self {
    case .emailAddress: "the e-mail address"
    case .postalAddress: "the postal address"
    case .identity:
      "two different documents of identity (passport, local ID card; for a company an ID and its"
        + " certificate of incorporation)"
    case .phoneNumber: "a contact phone number"
    case .invoice: "a copy of the last invoice, or the amount charged"
    case .debit: "a card or bank statement that shows the debit"
    }
  }
}

extension RecoveryCase.State: Storable { var stored: StoredValue { .text(rawValue) } }
extension RecoveryItem: Storable { var stored: StoredValue { .text(rawValue) } }

/// The recovery tables.
struct RecoveryCases {
  let database: Database

  private static let columns = """
    SELECT c.id, c.account, a.email, c.is_corporate, c.state, c.opened_at, c.judged_by, c.judged_at,
      c.reason
    FROM recovery_case AS c JOIN account AS a ON a.id = c.account
    """

  func find(_ id: RecoveryCase.ID) throws(Refusal) -> RecoveryCase? {
    let evidence = try evidence(of: id)
    let documents = try documents(of: id)
    return try database.first("\(Self.columns) WHERE c.id = ?", id) { row in
      RecoveryCase(row, evidence: evidence, documents: documents)
    }
  }

  /// The newest case of an account.
  func newest(of account: Account.ID) throws(Refusal) -> RecoveryCase? {
    let id = try database.first(
      "SELECT max(id) FROM recovery_case WHERE account = ?", account
    ) { RecoveryCase.ID($0.integer(0)) }
    return try id.flatMap { (id) throws(Refusal) in try find(id) }
  }

  func all(in state: RecoveryCase.State) throws(Refusal) -> [RecoveryCase] {
    let ids = try database.rows("SELECT id FROM recovery_case WHERE state = ? ORDER BY id", state) {
      RecoveryCase.ID($0.integer(0))
    }
    var cases: [RecoveryCase] = []
    for id in ids {
      if let found = try find(id) { cases.append(found) }
    }
    return cases
  }

  func insert(_ account: Account.ID, isCorporate: Bool, at now: Seconds) throws(Refusal) {
    try database.run(
      "INSERT INTO recovery_case (account, is_corporate, state, opened_at) VALUES (?, ?, ?, ?)",
      account, isCorporate, RecoveryCase.State.open, now)
  }

  func setEvidence(
    _ item: RecoveryItem, _ reference: String, of id: RecoveryCase.ID
  ) throws(Refusal) {
    try database.run(
      """
      INSERT INTO recovery_item (recovery_case, item, reference) VALUES (?, ?, ?)
      ON CONFLICT (recovery_case, item) DO UPDATE SET reference = excluded.reference
      """, id, item, reference)
  }

  func set(_ state: RecoveryCase.State, of id: RecoveryCase.ID) throws(Refusal) {
    try database.run("UPDATE recovery_case SET state = ? WHERE id = ?", state, id)
  }

  func judge(
    _ state: RecoveryCase.State, _ id: RecoveryCase.ID, by judge: Account.ID, at now: Seconds,
    reason: String?
  ) throws(Refusal) {
    try database.run(
      "UPDATE recovery_case SET state = ?, judged_by = ?, judged_at = ?, reason = ? WHERE id = ?",
      state, judge, now, reason, id)
  }

  private func documents(
    of id: RecoveryCase.ID
  ) throws(Refusal) -> [RecoveryItem: DocumentEntry] {
    let rows = try database.rows(
      "SELECT item, name, media_type, size FROM recovery_document WHERE recovery_case = ?", id
    ) { row in
      (
        RecoveryItem(rawValue: row.text(0)),
        MediaType(rawValue: row.text(2)).map {
          DocumentEntry(name: row.text(1), mediaType: $0, size: Int(row.integer(3)))
        }
      )
    }
    var documents: [RecoveryItem: DocumentEntry] = [:]
    for case (let item?, let entry?) in rows { documents[item] = entry }
    return documents
  }

  private func evidence(of id: RecoveryCase.ID) throws(Refusal) -> [RecoveryItem: String] {
    let rows = try database.rows(
      "SELECT item, reference FROM recovery_item WHERE recovery_case = ?", id
    ) { (RecoveryItem(rawValue: $0.text(0)), $0.text(1)) }
    var evidence: [RecoveryItem: String] = [:]
    for case (let item?, let reference) in rows { evidence[item] = reference }
    return evidence
  }
}

extension RecoveryCase {
  fileprivate init(
    _ row: any Row, evidence: [RecoveryItem: String], documents: [RecoveryItem: DocumentEntry]
  ) {
    id = ID(row.integer(0))
    account = Account.ID(row.integer(1))
    email = row.text(2)
    isCorporate = row.flag(3)
    // The state that allows least stands for one that only a later version knows.
    state = State(rawValue: row.text(4)) ?? .refused
    opened = row.seconds(5)
    self.evidence = evidence
    self.documents = documents
    judgedBy = row.isNull(6) ? nil : Account.ID(row.integer(6))
    judged = row.isNull(7) ? nil : row.seconds(7)
    reason = row.isNull(8) ? nil : row.text(8)
  }
}
