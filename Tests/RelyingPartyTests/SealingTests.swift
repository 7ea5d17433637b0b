import Foundation
import OATH
import Testing

@testable import RelyingParty

@Suite("Secrets at rest", .onEachStore)
struct SealingTests {
  private func isSealingFailure(_ error: any Error) -> Bool {
    guard case .sealing = error as? Refusal else { return false }
    return true
  }

  @Test("what is sealed opens in its place, and nowhere else, and not when a bit of it changed")
  func opensInItsPlaceOnly() throws {
    let keys = try SealingKeys.fresh(random: .system)
    for size in [0, 1, 20, 1000] {
      let secret = size == 0 ? [] : try RandomSource.system.bytes(size)
      let sealed = try keys.seal(secret, at: "here", random: .system)
      #expect(sealed.count == size + SealingKeys.overhead)
      #expect(try keys.open(sealed, at: "here").copy == secret)
      #expect(throws: Refusal.sealing(.altered(place: "there"))) {
        try keys.open(sealed, at: "there")
      }
      for bit in 32..<(8 * sealed.count) where size < 100 {
        var altered = sealed
        altered[bit / 8] ^= 1 << (bit % 8)
        #expect(throws: Refusal.sealing(.altered(place: "here")), "bit \(bit)") {
          try keys.open(altered, at: "here")
        }
      }
      #expect(throws: Refusal.self) { try keys.open(sealed.dropLast(), at: "here") }
    }
    #expect(throws: Refusal.sealing(.keyMissing(number: 2))) {
      try keys.open(keys.adding(random: .system).seal([1], at: "x", random: .system), at: "x")
    }
  }

  @Test("the key file is made for its owner only, with nothing left beside it")
  func makesKeyFile() throws {
    let console = try Console()
    let file = console.folder.appending(path: "keys").path
    let keys = try SealingKeys.read(file, mayCreate: true, random: .system)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.hasPrefix(SealingKeys.firstLine + "\n1 "))
    let sealed = try keys.seal([7], at: "a", random: .system)
    let again = try SealingKeys.read(file, mayCreate: false, random: .system)
    #expect(try again.open(sealed, at: "a").copy == [7])
    #expect(
      try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: console.folder.path) == ["keys"])
  }

  @Test("a key file that is exposed, foreign, damaged or missing is refused, and nothing is made")
  func refusesKeyFiles() throws {
    let console = try Console()
    _ = try Person(console, "ann")
    let file = console.keyFile
    let whole = try String(contentsOfFile: file, encoding: .utf8)
    chmod(file, 0o640)
    #expect(throws: Refusal.sealing(.exposed(file: file, mode: 0o640))) { try console.open() }
    for text in [
      "", "notes\n", SealingKeys.firstLine + "\n", whole + "2 abc\n",
      whole + "1 \(whole.suffix(65))",
    ] {
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      chmod(file, 0o600)
      #expect(throws: Refusal.sealing(.foreign(file: file)), "\(text)") { try console.open() }
    }
    unlink(file)
    #expect(throws: Refusal.self) { try console.open() }
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test("another console's key file is refused at once")
  func refusesOtherKeys() throws {
    let (console, other) = (try Console(), try Console())
    _ = try (console.party, other.party)
    #expect(throws: Refusal.sealing(.altered(place: "console hash_key"))) {
      try RelyingParty(
        opening: console.store, keyFile: other.keyFile, policy: console.policy)
    }
  }

  @Test("a secret that is copied into another account's row does not open there")
  func bindsRows() throws {
    let console = try Console()
    let (ann, bob) = (try Person(console, "ann", mfa: true), try Person(console, "bob", mfa: true))
    let database = try console.party.database
    try database.run(
      """
      UPDATE credential SET secret = (SELECT secret FROM credential WHERE account = ?)
      WHERE account = ?
      """, ann.id, bob.id)
    let ticket = try ann.ticket()
    _ = try console.party.logIn(ticket, code: ann.token!.code(console.now))
    #expect(throws: Refusal.self) { try bob.passwordStep() }
  }

  @Test("keys are replaced while accounts go on, and the old one is no longer needed after that")
  func rotates() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let file = console.keyFile
    try RelyingParty.addSealingKey(to: file)
    try console.restart()
    try ann.logIn()
    let bob = try Person(console, "bob", mfa: true)
    #expect(throws: Refusal.sealing(.olderInUse(file: file))) {
      try console.party.dropOldKeys(from: file)
    }
    try console.party.sealAnew()
    try console.party.sealAnew()
    let sealed = try console.party.database.rows("SELECT secret FROM credential") { $0.bytes(0) }
    #expect(sealed.map(SealingKeys.number) == [2, 2])
    #expect(try console.party.dropOldKeys(from: file) == 1)
    #expect(try console.party.dropOldKeys(from: file) == 0)
    try console.restart()
    try ann.logIn()
    try bob.logIn()
  }

  @Test("what is sealed cannot be replaced by something that is not")
  func refusesUnsealed() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let database = try console.party.database
    let key = try console.party.keyedHash.key
    for sealing in [0, 1] {
      try database.run("UPDATE credential SET sealing = ?, secret = ?", sealing, ann.token!.secret)
      #expect(throws: Refusal.self) { try ann.passwordStep() }
      #expect(throws: Refusal.self) { try console.party.sealAnew() }
    }
    try database.run("UPDATE console SET hash_key = ?", key)
    #expect(throws: Refusal.self) { try console.open() }
  }

  @Test("many that make a key file at once make one")
  func makesOne() async throws {
    let console = try Console()
    let file = console.keyFile
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<8 {
        group.addTask {
          let keys = try SealingKeys.read(file, mayCreate: true, random: .system)
          return try keys.seal([1, 2, 3], at: "here", random: .system)
        }
      }
      let keys = try SealingKeys.read(file, mayCreate: true, random: .system)
      for try await sealed in group {
        #expect(try keys.open(sealed, at: "here").copy == [1, 2, 3])
      }
    }
  }
}
