import Testing

@testable import RelyingParty

@Suite("Documents of a recovery case", .onEachStore)
struct DocumentTests {
  private let passport = Document(name: "me.pdf", content: Array("%PDF-1.7 it is me".utf8))

  private func files(_ console: Console) throws -> Int {
    try console.party.database.rows("SELECT 1 FROM recovery_document") { _ in 1 }.count
  }

  @Test("a document is sealed, seen by who judges, and gone when the case is decided")
  func wholeWay() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let support = try Person(console, "support", mfa: true)
    let stranger = try Person(console, "stranger")
    let party = try console.party
    try party.appointOperator(support.email)
    let ends: [(RecoveryCase.ID) throws -> Void] = [
      { try party.refuseRecovery($0, reason: "the picture cannot be read", support.session) },
      { _ in try party.withdrawRecovery(ann.ticket()) },
      { try party.approveRecovery($0, support.session) },
    ]
    for end in ends {
      let ticket = try ann.ticket()
      let id = try party.openRecovery(ticket, isCorporate: false).id
      try party.handIn(RecoveryTests.personal.filter { $0 != .passport }, ticket)
      #expect(throws: Refusal.self) { try party.submitRecovery(ticket) }
      let changed = try party.handIn(.passport, document: passport, ticket)
      #expect(
        changed.documents[.passport]
          == DocumentEntry(name: "me.pdf", mediaType: .pdf, size: passport.content.count))
      _ = try party.submitRecovery(ticket)
      #expect(
        try console.contents().allSatisfy { !$0.contains("25504446") && !$0.contains("%PDF") })
      #expect(try party.document(.passport, of: id, support.session) == passport)
      #expect(try console.events().contains(.recoveryDocumentSeen))
      try console.refuses(.noSuchDocument) {
        try party.document(.lastInvoice, of: id, support.session)
      }
      for other in [stranger, ann] {
        #expect(throws: Refusal.self) { try party.document(.passport, of: id, other.session) }
      }
      #expect(try files(console) == 3)
      try end(id)
      #expect(try files(console) == 0)
    }
    try ann.logIn()
    let notice = try #require(try party.recoveryCase(ann.session))
    #expect(notice.state == .carriedOut && notice.documents.isEmpty)
  }

  @Test("what is too large, empty, or no document by its content is refused, whatever its name")
  func refuses() throws {
    let console = try Console { $0.largestDocument = 100 }
    let ann = try Person(console, "ann", mfa: true)
    let party = try console.party
    let ticket = try ann.ticket()
    _ = try party.openRecovery(ticket, isCorporate: false)
    let head = Array("%PDF-1.7".utf8)
    for content in [[], Array("<script>".utf8), Array("GIF89a".utf8), [0xFF, 0xD8]] {
      try console.refuses(.documentUnusable) {
        try party.handIn(.passport, document: Document(name: "a.pdf", content: content), ticket)
      }
    }
    let most = head + [UInt8](repeating: 0, count: 100 - head.count)
    try console.refuses(.documentTooLarge(mostBytes: 100)) {
      try party.handIn(.passport, document: Document(name: "a", content: most + [0]), ticket)
    }
    _ = try party.handIn(.passport, document: Document(name: "a", content: most), ticket)
    // Neither words in the place of a document, nor a document in the place of words.
    try console.refuses(.documentNeeded) { try party.handIn(.passport, "by post", ticket) }
    try console.refuses(.textNeeded) {
      try party.handIn(.phoneNumber, document: passport, ticket)
    }
    #expect(try files(console) == 1)
  }

  @Test("a file's name is one line without folders")
  func names() {
    let names = [
      ("../../etc/passwd", "passwd"), ("C:\\me\\id.png", "id.png"), ("a\r\nb", "ab"),
      ("", "document"),
      ("/", "document"), (String(repeating: "n", count: 300), String(repeating: "n", count: 100)),
    ]
    for (typed, kept) in names {
      #expect(Document(name: typed, content: []).name == kept)
    }
  }
}
