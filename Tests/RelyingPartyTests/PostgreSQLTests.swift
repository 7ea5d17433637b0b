import Foundation
import OATH
import Testing

@testable import RelyingParty

@Suite("The PostgreSQL database")
struct PostgreSQLTests {
  private func onServer(_ body: (Console) throws -> Void) throws {
    try Store.$current.withValue(.postgresql) { try body(Console()) }
  }

  @Test("an address with a password is refused, and the refusal does not have it")
  func refusesPasswords() {
    for address in [
      "postgresql://ann:planted@localhost/console", "postgres:///console?password=planted",
      "postgresql://ann:planted%zz@localhost",
    ] {
      #expect {
        try Database(opening: address)
      } throws: { error in
        guard case .storage(.cannotOpen) = error as? Refusal else { return false }
        return !"\(error)".contains("planted") && "\(error)".contains("Check the address")
      }
    }
  }

  @Test("a server that is not there is refused with its reason")
  func refusesUnreachable() {
    #expect {
      try Database(opening: "postgresql:///console?host=/nowhere")
    } throws: {
      guard case .storage(.cannotOpen(_, let reason)) = $0 as? Refusal else { return false }
      return reason.contains("/nowhere") && "\($0)".contains("that the server runs")
    }
  }

  @Test("a console on a shared database needs the name of its key file")
  func needsKeyFile() throws {
    try onServer { console in
      #expect(throws: Refusal.sealing(.fileNeeded)) { try RelyingParty(opening: console.store) }
    }
  }

  @Test("a schema with another program's tables is refused and left as it is")
  func refusesForeign() throws {
    try onServer { console in
      let other = try ScratchServer.newSchema()
      let name = try #require(other.split(separator: "%3D").last)
      _ = try console.party
      try console.party.database.run("CREATE TABLE \(name).notes (words TEXT)")
      #expect(throws: Refusal.storage(.foreign(file: other))) { try Database(opening: other) }
      let tables = try console.party.database.rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = ?", String(name)
      ) { $0.text(0) }
      #expect(tables == ["notes"])
    }
  }

  @Test("a later version's tables are refused")
  func refusesNewer() throws {
    try onServer { console in
      let known = Schema.versions.count
      try console.party.database.run("UPDATE watchfob_layout SET version = ?", known + 1)
      #expect(
        throws: Refusal.storage(.newer(file: console.store, version: known + 1, known: known))
      ) { try console.open() }
    }
  }

  @Test("many that lay out an empty schema at once make one console")
  func opensAtOnce() async throws {
    let console = try Store.$current.withValue(.postgresql) { try Console() }
    let (store, keyFile) = (console.store, console.keyFile)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          _ = try RelyingParty(opening: store, keyFile: keyFile, policy: .quick)
        }
      }
      try await group.waitForAll()
    }
    #expect(try console.party.database.rows("SELECT 1 FROM console") { _ in 1 }.count == 1)
  }

  @Test("a connection that the server closed is made anew at the next request")
  func reconnects() throws {
    try onServer { console in
      let ann = try Person(console, "ann", mfa: true)
      let other = try Database(opening: console.store)
      let found = try console.party.database.first("SELECT pg_backend_pid()") { $0.integer(0) }
      let process = try #require(found)
      #expect(
        try other.first("SELECT pg_terminate_backend(?)", Int(process)) { $0.flag(0) } == true)
      // Until the server's process is gone, and its end of the connection with it.
      for _ in 0..<1000 where kill(pid_t(process), 0) == 0 { usleep(10_000) }
      try ann.logIn()
    }
  }

  @Test("a transaction that another one came between runs again, and each is done once")
  func retries() throws {
    try onServer { console in
      try console.party.signUp(email: "ann@example.com", password: "a long enough password")
      let (one, other) = (try console.party.database, try console.open().database)
      var attempts = 0
      try one.immediately { () throws(Refusal) in
        attempts += 1
        let read = try one.first("SELECT created_at FROM account") { $0.integer(0) } ?? 0
        if attempts == 1 {
          try other.run("UPDATE account SET created_at = created_at + 1")
        }
        try one.run("UPDATE account SET created_at = ?", read + 1)
      }
      #expect(attempts == 2)
      #expect(
        try one.first("SELECT created_at FROM account") { $0.integer(0) }
          == console.now.rawValue + 2)
    }
  }

  @Test("two transactions that read what the other writes do not both commit unseen")
  func refusesWriteSkew() throws {
    try onServer { console in
      _ = try console.party
      let (one, other) = (try console.party.database, try console.open().database)
      // Each inserts only if there is nothing yet: in whichever order, one finds the other's.
      var isNested = false
      func insertIfNone(_ database: Database, _ name: String) throws(Refusal) {
        try database.immediately { () throws(Refusal) in
          guard try !database.exists("SELECT 1 FROM organization") else { return }
          if name == "first" && !isNested {
            isNested = true
            try insertIfNone(other, "second")
          }
          try database.run("INSERT INTO organization (name) VALUES (?)", name)
        }
      }
      try insertIfNone(one, "first")
      #expect(try one.rows("SELECT name FROM organization") { $0.text(0) } == ["second"])
    }
  }

  @Test("others that come between every time are told of after a bound, and nothing was done")
  func boundedRetries() throws {
    try onServer { console in
      try console.party.signUp(email: "ann@example.com", password: "a long enough password")
      let (one, other) = (try console.party.database, try console.open().database)
      var attempts = 0
      one.limit = .after(milliseconds: 300_000)
      #expect(throws: Refusal.storage(.busy)) {
        try one.immediately { () throws(Refusal) in
          attempts += 1
          try one.run("INSERT INTO organization (name) VALUES (?)", "\(attempts)")
          _ = try one.exists("SELECT 1 FROM account")
          try other.run("UPDATE account SET created_at = created_at + 1")
          try one.run("UPDATE account SET created_at = 0")
        }
      }
      #expect(attempts == one.connection.retries + 1)
      #expect(try !one.exists("SELECT 1 FROM organization"))
    }
  }

  @Test("a value stands where its question mark stood, but not within quotes")
  func numbersValues() {
    #expect(
      PostgreSQLConnection.numbered("a = ? AND b <> '?' AND c = ?")
        == "a = $1 AND b <> '?' AND c = $2")
  }

  @Test("a zero character in what is looked for does not end it")
  func zeroCharacters() throws {
    try onServer { console in
      let ann = try Person(console, "ann")
      #expect(throws: Refusal.wrongNameOrPassword) {
        try console.party.logIn(email: ann.email + "\0x", password: ann.password)
      }
    }
  }

  @Test("failures are told apart by SQLSTATE")
  func failures() {
    #expect(PostgreSQLConnection.failure("40001", "") == .busy)
    #expect(PostgreSQLConnection.failure("40P01", "") == .busy)
    #expect(PostgreSQLConnection.failure("53100", "") == .full)
    #expect(PostgreSQLConnection.failure("XX001", "page 7") == .damaged(reason: "page 7"))
    #expect(PostgreSQLConnection.failure("42501", "no") == .failed(code: "42501", reason: "no"))
  }
}
