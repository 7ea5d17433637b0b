import Foundation
import Testing

@testable import RelyingParty

@Suite("The database file")
struct DatabaseFileTests {
  @Test("the file and those SQLite puts beside it are for their owner only, whatever the umask")
  func ownerOnly() throws {
    let console = try Console()
    _ = try Person(console, "ann")
    let files = try FileManager.default.contentsOfDirectory(atPath: console.folder.path)
    #expect(files.contains("console.db") && files.contains("console.db-wal"))
    for file in files {
      let attributes = try FileManager.default.attributesOfItem(
        atPath: console.folder.appending(path: file).path)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
    }
  }

  @Test("a file that others can read is refused, and taken once they cannot")
  func refusesExposedFile() throws {
    let console = try Console()
    try console.restart()
    chmod(console.file, 0o640)
    let exposed = StorageFailure.exposed(file: console.file, mode: 0o640)
    #expect(throws: Refusal.storage(exposed)) { try console.open() }
    #expect(exposed.wayOut == "Allow only its owner: chmod 600 \(console.file)")
    chmod(console.file, 0o600)
    _ = try console.open()
  }

  @Test("a file that is no database is refused and left as it is")
  func refusesOtherFile() throws {
    let console = try Console()
    let words = Data("These are the notes of a person, and no database at all.\n".utf8)
    _ = FileManager.default.createFile(
      atPath: console.file, contents: words, attributes: [.posixPermissions: 0o600])
    #expect(throws: Refusal.storage(.foreign(file: console.file))) { try console.open() }
    #expect(try Data(contentsOf: URL(filePath: console.file)) == words)
  }

  @Test("another program's database is refused and left as it is")
  func refusesForeignDatabase() throws {
    let console = try Console()
    do {
      let database = try Database(opening: console.file)
      try database.run("PRAGMA application_id = 1")
    }
    let before = try Data(contentsOf: URL(filePath: console.file))
    #expect(throws: Refusal.storage(.foreign(file: console.file))) { try console.open() }
    #expect(try Data(contentsOf: URL(filePath: console.file)) == before)
  }

  @Test("a later version's file is refused and left as it is")
  func refusesNewerDatabase() throws {
    let console = try Console()
    let known = Schema.versions.count
    do {
      let database = try Database(opening: console.file)
      try database.run("PRAGMA user_version = \(known + 1)")
    }
    let before = try Data(contentsOf: URL(filePath: console.file))
    #expect(
      throws: Refusal.storage(.newer(file: console.file, version: known + 1, known: known))
    ) { try console.open() }
    #expect(try Data(contentsOf: URL(filePath: console.file)) == before)
  }

  @Test("a truncated file is refused with a clear cause")
  func refusesTruncatedFile() throws {
    let console = try Console()
    do { _ = try Database(opening: console.file) }
    let whole = try Data(contentsOf: URL(filePath: console.file))
    try whole.prefix(whole.count / 2).write(to: URL(filePath: console.file))
    chmod(console.file, 0o600)
    do {
      let party = try console.open()
      try party.signUp(email: "ann@example.com", password: "a long enough password")
      Issue.record("half a database was taken for a whole one")
    } catch let refusal as Refusal {
      guard case .storage(.damaged) = refusal else { throw refusal }
    }
  }

  @Test("a folder, and a file in a folder that is not there, are refused with the system's reason")
  func refusesUnopenable() throws {
    let console = try Console()
    for file in [console.folder.path, console.folder.appending(path: "none/console.db").path, ""] {
      do {
        _ = try Database(opening: file)
        Issue.record("\(file) was opened")
      } catch {
        guard case .storage(.cannotOpen(file, _)) = error else { throw error }
      }
    }
  }

  @Test("everything is there after a restart, and what was deleted is overwritten")
  func survivesRestart() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let secret = Data(try #require(ann.token).secret)
    let database = try console.party.database
    let sealed = try #require(
      try database.first("SELECT secret FROM credential") { Data($0.bytes(0)) })
    try console.restart()
    #expect(try ann.logIn().means == .code)
    func isOnDisk(_ bytes: Data) throws -> Bool {
      try FileManager.default.contentsOfDirectory(atPath: console.folder.path).contains {
        try Data(contentsOf: console.folder.appending(path: $0)).range(of: bytes) != nil
      }
    }
    #expect(try isOnDisk(sealed))
    #expect(try !isOnDisk(secret))
    ann.session = try console.party.disable(ann.session, typed: "DISABLE")
    #expect(try !isOnDisk(sealed))
  }

  @Test("many connections that open a new file at once make one database")
  func opensAtOnce() async throws {
    for _ in 0..<20 {
      let console = try Console()
      let file = console.file
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask { _ = try RelyingParty(opening: file, policy: .quick) }
        }
        try await group.waitForAll()
      }
      #expect(try console.party.database.rows("SELECT 1 FROM console") { _ in 1 }.count == 1)
    }
  }

  @Test("a refusal inside a transaction rolls it back")
  func rollsBack() throws {
    let console = try Console()
    let database = try console.party.database
    try console.refuses(.mfaNotOn) {
      try database.immediately { () throws(Refusal) in
        try database.run(
          "INSERT INTO account (email, password_hash, created_at) VALUES ('a', 'b', 0)")
        throw .mfaNotOn
      }
    }
    try console.party.signUp(email: "ann@example.com", password: "a long enough password")
  }

  @Test("while another process holds the file, the refusal says so after a while")
  func saysBusy() throws {
    let console = try Console()
    _ = try console.party
    let holder = try Database(opening: console.file)
    let waiting = Database(try SQLiteConnection(opening: console.file, patience: 1))
    _ = try holder.immediately { () throws(Refusal) in
      #expect(throws: Refusal.storage(.busy)) { _ = try waiting.immediately {} }
    }
    _ = try waiting.immediately {}
  }
}
