import OATH

/// The audit log shows whoever has the key that nobody without it has rewritten a line, put one in, or
/// taken one out: each line has a seal, and links, one a minute, seal the lines since the one before.
///
/// The lines after the last link can be cut off unseen; so note its words now and then, elsewhere.
extension AuditLog {
  /// What a look through the whole log found.
  struct Findings {
    /// Lines that have the right seal.
    var lines = 0
    /// Lines of a layout without seals; they come before all others.
    var unsealed = 0
    /// Numbers of lines that were rewritten or put in.
    var forged: [Int64] = []
    /// Numbers of the links over lines of which some were taken out, put in or rewritten.
    var broken: [Int64] = []
  }

  /// Milliseconds that others' lines are waited for, and may have to wait.
  private static let linkPatience = 200

  /// Seals the lines since the last link.
  func link() throws(Refusal) {
    database.repeats = false
    defer { database.repeats = true }
    try database.conditionally { () throws(Refusal) in
      // All numbers up to the last are there for good, or never will be.
      if database.connection.dialect == .postgresql {
        try database.run("SET LOCAL lock_timeout = \(Self.linkPatience)")
        try database.run("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE")
      }
      let previous = try database.first(
        "SELECT id, last_line, seal FROM audit_link ORDER BY id DESC LIMIT 1"
      ) { (line: $0.integer(1), seal: $0.bytes(2)) }
      let last = try database.first("SELECT max(id) FROM audit") { $0.integer(0) } ?? 0
      guard last > previous?.line ?? 0 else { return }
      let seal = try linkSeal(
        after: previous?.line ?? 0, through: last, previous: previous?.seal ?? [])
      try database.run("INSERT INTO audit_link (last_line, seal) VALUES (?, ?)", last, seal)
    }
  }

  private func linkSeal(
    after first: Int64, through last: Int64, previous: [UInt8]
  ) throws(Refusal) -> [UInt8] {
    var running: [UInt8] = previous
    var count = 0
    let rows = try database.rows(
      "SELECT id, seal FROM audit WHERE id > ? AND id <= ? ORDER BY id", first, last
    ) { ($0.integer(0), $0.bytes(1)) }
    for (id, seal) in rows {
      running = hash.seal("audit line", [running, id, seal])
      count += 1
    }
    return hash.seal("audit link", [previous, last, count, running])
  }

  /// Looks through all lines and links.
  func verify() throws(Refusal) -> Findings {
    try database.immediately { () throws(Refusal) in
      var findings = Findings()
      let most = 1000
      var last: Int64 = 0
      while true {
        let lines = try database.rows(
          "\(Self.sealedColumns) WHERE id > ? ORDER BY id LIMIT ?", last, most,
          read: SealedLine.init)
        for line in lines {
          if line.mark.isEmpty && findings.lines == 0 {
            findings.unsealed += 1
          } else if hash.seal("audit", line.fields + [line.mark]) == line.seal {
            findings.lines += 1
          } else {
            findings.forged.append(line.id)
          }
        }
        guard let end = lines.last, lines.count == most else { break }
        last = end.id
      }
      try verifyLinks(&findings)
      return findings
    }
  }

  private func verifyLinks(_ findings: inout Findings) throws(Refusal) {
    let links = try database.rows("SELECT id, last_line, seal FROM audit_link ORDER BY id") {
      (id: $0.integer(0), line: $0.integer(1), seal: $0.bytes(2))
    }
    var previous: (line: Int64, seal: [UInt8]) = (0, [])
    for link in links {
      let expected = try linkSeal(
        after: previous.line, through: link.line, previous: previous.seal)
      if expected != link.seal { findings.broken.append(link.id) }
      previous = (link.line, link.seal)
    }
  }

  /// The last line that a link seals, and the first digits of that link's seal.
  func newestLink() throws(Refusal) -> (line: Int64, words: String)? {
    try database.first("SELECT last_line, seal FROM audit_link ORDER BY id DESC LIMIT 1") {
      ($0.integer(0), String(decoding: Hexadecimal.text(of: $0.bytes(1).prefix(8)), as: UTF8.self))
    }
  }

  private static let sealedColumns = """
    SELECT id, at, event, actor, subject, organization, recovery_case, detail, mark, seal FROM audit
    """

  /// A line with what its seal is over.
  private struct SealedLine {
    let id: Int64
    let fields: [any Storable]
    let mark: [UInt8]
    let seal: [UInt8]

    init(_ row: any Row) {
      id = row.integer(0)
      let detail: String? = row.isNull(7) ? nil : row.text(7)
      fields = [
        row.integer(1), row.text(2), row.optionalInteger(3), row.optionalInteger(4),
        row.optionalInteger(5), row.optionalInteger(6), detail,
      ]
      mark = row.bytes(8)
      seal = row.bytes(9)
    }
  }
}

/// What `RelyingParty.verifyAuditLog` found.
public struct AuditVerification: Sendable {
  /// Whether nothing was found.
  public let isIntact: Bool
  /// What was found, a sentence each.
  public let sentences: [String]
}

extension RelyingParty {
  /// Looks whether anybody without the key file has changed the audit log. For whoever runs the
  /// console.
  public func verifyAuditLog() throws(Refusal) -> AuditVerification {
    let findings = try log.verify()
    var sentences = findings.forged.map { "Line \($0) was rewritten or put in." }
    sentences += findings.broken.map {
      "Lines that link \($0) seals were taken out, put in or rewritten."
    }
    let isIntact = sentences.isEmpty
    if isIntact {
      try log.link()
      sentences.append("All \(findings.lines) lines of the audit log are as written.")
    }
    if findings.unsealed > 0 {
      sentences.append("\(findings.unsealed) older lines have no seals.")
    }
    if isIntact, let end = try log.newestLink() {
      sentences.append("The newest link seals line \(end.line): \(end.words). Note it elsewhere.")
    }
    return AuditVerification(isIntact: isIntact, sentences: sentences)
  }
}
