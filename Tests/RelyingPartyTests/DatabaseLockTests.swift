import Foundation
import Testing

@testable import RelyingParty

@Suite("The locks on the database file")
struct DatabaseLockTests {
  @Test("they outlive every other connection of the process")
  func keepsLocks() throws {
    let console = try Console()
    _ = try Person(console, "ann")
    #expect(try locks(on: console.file) > 0)
    for _ in 0..<20 { _ = try console.open().countAccounts() }
    #expect(try locks(on: console.file) > 0)
    // A second process looks at the same file, and goes away.
    #expect(try locks(on: console.file + "-shm") > 0)
  }

  @Test("a second process that comes and goes leaves the write-ahead log alone")
  func keepsLog() async throws {
    let console = try Console()
    try console.party.signUp(email: "ann@example.com", password: "a long enough password")
    for _ in 0..<4 { _ = try console.open() }
    let log = try #require(DatabaseFile.identity(console.file + "-wal"))
    let setting = "\(console.store)\n\(console.keyFile)"
    await #expect(processExitsWith: .success) { [setting = setting as String] in
      let words = setting.split(separator: "\n").map(String.init)
      let party = try RelyingParty(opening: words[0], keyFile: words[1], policy: .quick)
      try party.signUp(email: "bob@example.com", password: "a long enough password")
    }
    #expect(DatabaseFile.identity(console.file + "-wal") == log)
    #expect(try console.party.countAccounts() == 2)
    #expect(try Database(opening: console.file).connection is SQLiteConnection)
  }

  @Test("a key file that is the database itself is refused, and the locks stay")
  func refusesOneFile() throws {
    let console = try Console()
    _ = try console.party
    for end in ["", "-wal", "-shm"] {
      let link = console.folder.appending(path: "link\(end)").path
      #expect(symlink(console.file + end, link) == 0)
      #expect(throws: Refusal.sealing(.foreign(file: link))) {
        try RelyingParty(opening: console.file, keyFile: link, policy: .quick)
      }
    }
    #expect(try locks(on: console.file) > 0)
  }

  @Test("the key file is read once: a missing one breaks nothing while consoles run")
  func readsKeysOnce() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    unlink(console.keyFile)
    let other = try console.party.another()
    guard case .codeNeeded = try other.logIn(email: ann.email, password: ann.password) else {
      throw Unexpected()
    }
  }

  /// How many locks this process has on a file, as the kernel tells.
  private func locks(on file: String) throws -> Int {
    let number = try #require(DatabaseFile.identity(file)).number
    let lines = try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
    return lines.count { line in
      let words = line.split(separator: " ")
      return words.contains("\(getpid())") && words.contains { $0.hasSuffix(":\(number)") }
    }
  }
}
