import Foundation
import OATH
import Testing

@testable import RelyingParty

@Suite("Backups of the database file")
struct BackupTests {
  private func copy(_ console: Console, _ name: String = "backup") -> String {
    console.folder.appending(path: name).path
  }

  @Test("a backup of a console that runs is one file, for its owner only, and has everything")
  func backsUp() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    try DatabaseBackup.write(copy(console), of: console.file)
    _ = try Person(console, "bob")
    let attributes = try FileManager.default.attributesOfItem(atPath: copy(console))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let files = try FileManager.default.contentsOfDirectory(atPath: console.folder.path)
    #expect(files.filter { $0.hasPrefix("backup") } == ["backup"])
    try console.close()
    try DatabaseBackup.restore(
      copy(console), to: console.file, replacing: true, at: console.now)
    #expect(try console.party.countAccounts() == 1)
    console.pass(120)
    try ann.logIn()
  }

  @Test("neither a backup nor a restored one overwrites what is there")
  func overwritesNothing() throws {
    let console = try Console()
    _ = try Person(console, "ann")
    try DatabaseBackup.write(copy(console), of: console.file)
    let before = try Data(contentsOf: URL(filePath: copy(console)))
    #expect(throws: Refusal.storage(.exists(file: copy(console)))) {
      try DatabaseBackup.write(copy(console), of: console.file)
    }
    #expect(try Data(contentsOf: URL(filePath: copy(console))) == before)
    #expect(throws: Refusal.storage(.exists(file: console.file))) {
      try DatabaseBackup.restore(copy(console), to: console.file, replacing: false)
    }
    _ = try Person(console, "bob")
    try console.close()
    let kept = try #require(
      try DatabaseBackup.restore(copy(console), to: console.file, replacing: true))
    #expect(try console.party.countAccounts() == 1)
    let old = try RelyingParty(opening: kept, keyFile: console.keyFile, policy: .quick)
    #expect(try old.countAccounts() == 2)
  }

  @Test("a backup is not restored under a console that runs")
  func refusesInUse() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    try DatabaseBackup.write(copy(console), of: console.file)
    #expect(throws: Refusal.storage(.inUse(file: console.file))) {
      try DatabaseBackup.restore(copy(console), to: console.file, replacing: true)
    }
    try ann.logIn()
    try console.close()
    try DatabaseBackup.restore(copy(console), to: console.file, replacing: true)
    try ann.logIn()
  }

  @Test("neither a session nor a code that was used since is good after a backup is restored")
  func endsWhatWasUsed() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    try DatabaseBackup.write(copy(console), of: console.file)
    let code = ann.token!.code(console.now)
    _ = try console.party.logIn(ann.ticket(), code: code)
    try console.close()
    try DatabaseBackup.restore(copy(console), to: console.file, replacing: true, at: console.now)
    #expect(throws: Refusal.sessionEnded) { try console.party.account(ann.session) }
    let ticket = try ann.ticket()
    #expect(throws: Refusal.codeUsed) { try console.party.logIn(ticket, code: code) }
    console.pass(90)
    _ = try console.party.logIn(ticket, code: ann.token!.code(console.now))
  }

  @Test("a damaged database is refused at the start with the way out, which then works")
  func replacesDamaged() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    for name in 0..<200 {
      try console.party.signUp(email: "p\(name)@example.com", password: ann.password)
    }
    try DatabaseBackup.write(copy(console), of: console.file)
    try console.close()
    let whole = try Data(contentsOf: URL(filePath: console.file))
    // Every page but the first is torn, each in its middle.
    var torn = whole
    for page in stride(from: 4096, to: torn.count, by: 4096) {
      torn.replaceSubrange((page + 4)..<(page + 64), with: Data(repeating: 0xA5, count: 60))
    }
    try torn.write(to: URL(filePath: console.file))
    chmod(console.file, 0o600)
    do {
      _ = try console.open()
      Issue.record("a damaged database was opened")
    } catch let refusal as Refusal {
      guard case .storage(.damaged) = refusal else { throw refusal }
      #expect("\(refusal)".contains("console restore"))
    }
    let kept = try #require(
      try DatabaseBackup.restore(copy(console), to: console.file, replacing: true))
    #expect(try Data(contentsOf: URL(filePath: kept)) == torn)
    try ann.logIn()
    #expect(try console.party.countAccounts() == 201)
  }

  @Test("what is no backup of a console is not restored, and what is there stays")
  func refusesOthers() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    try DatabaseBackup.write(copy(console), of: console.file)
    try console.close()
    let cut = try Data(contentsOf: URL(filePath: copy(console))).dropLast(9000)
    for (name, content) in [("notes", Data("notes".utf8)), ("cut", cut), ("empty", Data())] {
      _ = FileManager.default.createFile(
        atPath: copy(console, name), contents: content, attributes: [.posixPermissions: 0o600])
      #expect(throws: Refusal.self, "\(name)") {
        try DatabaseBackup.restore(copy(console, name), to: console.file, replacing: true)
      }
    }
    #expect(throws: Refusal.self) {
      try DatabaseBackup.restore(copy(console, "none"), to: console.file, replacing: true)
    }
    try ann.logIn()
    let names = try FileManager.default.contentsOfDirectory(atPath: console.folder.path).sorted()
    #expect(
      names.filter { $0.hasPrefix("console.db") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        == ["console.db", "console.db.key"])
  }

  @Test("a PostgreSQL database is left to PostgreSQL's own programs")
  func refusesShared() {
    let address = "postgresql:///console"
    #expect(throws: Refusal.storage(.hasOwnTools(address: address))) {
      try DatabaseBackup.write("backup", of: address)
    }
  }
}
