import OATH

/// The recovery tables. Evidence is sealed, and goes when the case is decided or withdrawn: nobody
/// needs an address, a phone number or an amount after that.
struct RecoveryCases {
  let database: Database
  let keys: SealingKeys
  let hash: KeyedHash
  let random: RandomSource

  private static let columns = """
    SELECT c.id, c.account, a.email, c.is_corporate, c.state, c.opened_at, c.judged_by, c.judged_at,
      c.reason, c.opened_by, c.effective_at
    FROM recovery_case AS c JOIN account AS a ON a.id = c.account
    """

  func find(_ id: RecoveryCase.ID) throws(Refusal) -> RecoveryCase? {
    try check(id)
    let evidence = try evidence(of: id)
    let documents = try documents(of: id, evidence)
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

  /// The case of an account that can still end in MFA being turned off.
  func undecided(of account: Account.ID) throws(Refusal) -> RecoveryNotice? {
    try database.first(
      """
      SELECT id, state, opened_at, opened_by, effective_at FROM recovery_case
      WHERE account = ? AND state IN ('open', 'submitted', 'approved but waiting')
      """, account
    ) { row in
      RecoveryNotice(
        id: RecoveryCase.ID(row.integer(0)),
        state: RecoveryCase.State(rawValue: row.text(1)) ?? .open, opened: row.seconds(2),
        isByHand: !row.isNull(3), effective: row.isNull(4) ? nil : row.seconds(4))
    }
  }

  func all(in states: RecoveryCase.State...) throws(Refusal) -> [RecoveryCase] {
    var cases: [RecoveryCase] = []
    for state in states {
      let ids = try database.rows(
        "SELECT id FROM recovery_case WHERE state = ? ORDER BY id", state
      ) { RecoveryCase.ID($0.integer(0)) }
      for id in ids {
        if let found = try find(id) { cases.append(found) }
      }
    }
    return cases
  }

  func insert(
    _ account: Account.ID, isCorporate: Bool, by opener: Account.ID?, at now: Seconds
  ) throws(Refusal) {
    try database.run(
      """
      INSERT INTO recovery_case (account, is_corporate, state, opened_at, opened_by)
      VALUES (?, ?, ?, ?, ?)
      """, account, isCorporate, RecoveryCase.State.open, now, opener)
    let newest = try database.first(
      "SELECT max(id) FROM recovery_case WHERE account = ?", account
    ) { RecoveryCase.ID($0.integer(0)) }
    if let newest { try seal(newest) }
  }

  func set(_ state: RecoveryCase.State, of id: RecoveryCase.ID) throws(Refusal) {
    try check(id)
    try database.run("UPDATE recovery_case SET state = ? WHERE id = ?", state, id)
    try seal(id)
  }

  func judge(
    _ state: RecoveryCase.State, _ id: RecoveryCase.ID, by judge: Account.ID, at now: Seconds,
    reason: String? = nil, effective: Seconds? = nil
  ) throws(Refusal) {
    try check(id)
    try database.run(
      """
      UPDATE recovery_case
      SET state = ?, judged_by = ?, judged_at = ?, reason = ?, effective_at = ? WHERE id = ?
      """, state, judge, now, reason, effective, id)
    try seal(id)
  }

  // MARK: Seals

  /// Refuses a case that somebody without the key has written: an approval takes MFA off.
  private func check(_ id: RecoveryCase.ID) throws(Refusal) {
    guard let (seal, stored) = try seals(of: id) else { return }
    guard seal == stored else {
      throw .sealing(.altered(place: "recovery case \(id.rawValue)"))
    }
  }

  private func seal(_ id: RecoveryCase.ID) throws(Refusal) {
    guard let (seal, _) = try seals(of: id) else { return }
    try database.run("UPDATE recovery_case SET seal = ? WHERE id = ?", seal, id)
  }

  /// The seal that a case has to have, and the one it has.
  private func seals(of id: RecoveryCase.ID) throws(Refusal) -> ([UInt8], [UInt8])? {
    try database.first(
      """
      SELECT account, state, opened_by, judged_by, judged_at, effective_at, seal
      FROM recovery_case WHERE id = ?
      """, id
    ) { row in
      let values: [any Storable] = [
        id, row.integer(0), row.text(1), row.optionalInteger(2), row.optionalInteger(3),
        row.optionalInteger(4), row.optionalInteger(5),
      ]
      return (hash.seal("recovery case", values), row.bytes(6))
    }
  }

  // MARK: Evidence

  func setEvidence(
    _ item: RecoveryItem, _ text: String, of id: RecoveryCase.ID
  ) throws(Refusal) {
    let sealed = try keys.seal(Array(text.utf8), at: Self.place(item, id), random: random)
    try database.run(
      """
      INSERT INTO recovery_item (recovery_case, item, sealed) VALUES (?, ?, ?)
      ON CONFLICT (recovery_case, item) DO UPDATE SET sealed = excluded.sealed
      """, id, item, sealed)
  }

  /// Of a case that was decided or withdrawn.
  func discardEvidence(of id: RecoveryCase.ID) throws(Refusal) {
    try database.run("DELETE FROM recovery_document WHERE recovery_case = ?", id)
    try database.run("DELETE FROM recovery_item WHERE recovery_case = ?", id)
  }

  private func evidence(of id: RecoveryCase.ID) throws(Refusal) -> [RecoveryItem: String] {
    let rows = try database.rows(
      "SELECT item, sealed FROM recovery_item WHERE recovery_case = ?", id
    ) { (RecoveryItem(rawValue: $0.text(0)), $0.bytes(1)) }
    var evidence: [RecoveryItem: String] = [:]
    for case (let item?, let sealed) in rows {
      let opened = try keys.open(sealed, at: Self.place(item, id)).copy
      evidence[item] = String(decoding: opened, as: UTF8.self)
    }
    return evidence
  }

  private func documents(
    of id: RecoveryCase.ID, _ evidence: [RecoveryItem: String]
  ) throws(Refusal) -> [RecoveryItem: DocumentEntry] {
    let rows = try database.rows(
      "SELECT item, media_type, size FROM recovery_document WHERE recovery_case = ?", id
    ) { row in
      (RecoveryItem(rawValue: row.text(0)), MediaType(rawValue: row.text(1)), Int(row.integer(2)))
    }
    var documents: [RecoveryItem: DocumentEntry] = [:]
    for case (let item?, let mediaType?, let size) in rows {
      documents[item] = DocumentEntry(
        name: evidence[item] ?? "document", mediaType: mediaType, size: size)
    }
    return documents
  }

  /// Seals each under the file's current key, where it is not.
  func sealAnew() throws(Refusal) {
    let all = try database.rows("SELECT recovery_case, item FROM recovery_item") {
      (RecoveryCase.ID($0.integer(0)), $0.text(1))
    }
    for (id, name) in all {
      guard let item = RecoveryItem(rawValue: name) else { continue }
      try database.immediately { () throws(Refusal) in
        let stored = try database.first(
          "SELECT sealed FROM recovery_item WHERE recovery_case = ? AND item = ?", id, item
        ) { $0.bytes(0) }
        guard let stored, SealingKeys.number(of: stored) != keys.current else { return }
        let text = try keys.open(stored, at: Self.place(item, id)).copy
        try setEvidence(item, String(decoding: text, as: UTF8.self), of: id)
      }
    }
  }

  private static func place(_ item: RecoveryItem, _ id: RecoveryCase.ID) -> String {
    "words for \(item.rawValue) of recovery case \(id.rawValue)"
  }
}

/// What every session of an account sees of a case that can still end in MFA being turned off.
public struct RecoveryNotice: Equatable, Sendable {
  public let id: RecoveryCase.ID
  public let state: RecoveryCase.State
  public let opened: Seconds
  /// Whether a support operator opened it for somebody who wrote.
  public let isByHand: Bool
  /// When the approval takes effect; nil while nothing is decided.
  public let effective: Seconds?
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
    openedBy = row.isNull(9) ? nil : Account.ID(row.integer(9))
    self.evidence = evidence
    self.documents = documents
    let (isCorporate, isOpen) = (row.flag(3), state == .open)
    missing =
      isOpen
      ? RecoveryRequirement.allCases.filter { !$0.isMet(by: evidence, isCorporate: isCorporate) }
      : []
    judgedBy = row.isNull(6) ? nil : Account.ID(row.integer(6))
    judged = row.isNull(7) ? nil : row.seconds(7)
    reason = row.isNull(8) ? nil : row.text(8)
    effective = row.isNull(10) ? nil : row.seconds(10)
  }
}
