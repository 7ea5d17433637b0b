import OATH
import PicoEmulator
import Testing
import TokenClient
import TokenCore

/// After each command, no secret lies anywhere in the emulated Pico but where it has to: its live record in the
/// flash, and a staged one in RAM. What is searched is all of the SRAM, with the stack and every copy that
/// the compiler made, the memory of the USB controller, and the storage.
@Suite(
  "Planted secrets in the firmware",
  .enabled(if: TokenImage.isBuilt, Comment(rawValue: TokenImage.absence)))
struct WipingTests {
  /// A token with a host that knows all of its secrets.
  private final class Bench {
    static let seed: UInt64 = 20
    let transport: PicoTransport
    let session: TokenSession
    private(set) var scan: SecretScan
    private var numbers = Numbers(seed: Int(seed))
    /// Secrets that the flash has to hold once.
    var stored: Set<String> = []
    /// A secret that RAM may hold.
    var staged: String?

    init() throws {
      transport = TokenImage.transport(finger: .tapping, seed: Self.seed)
      session = try TokenSession(over: transport)
      scan = SecretScan([])
    }

    func plant(_ name: String, _ bytes: [UInt8]) {
      scan = SecretScan(scan.secrets + [PlantedSecret(name, bytes)])
    }

    /// A secret of printable characters, which fits wherever there is one.
    func plant(_ name: String, count: Int = 20) -> SecretBytes {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0x21...0x7E, using: &numbers) }
      plant(name, bytes)
      return SecretBytes(bytes.span)
    }

    func check(after command: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let pico = try #require(transport.pico)
      // The token has sent its last report; let it come to rest.
      pico.run(for: .milliseconds(20))
      for (place, bytes) in [("RAM", pico.memoryBytes), ("USB memory", pico.usbMemoryBytes)] {
        var found = scan.found(in: bytes)
        if let staged, place == "RAM" { found[staged] = nil }
        #expect(
          found.isEmpty, "\(place) after \(command); repeat with: \(Self.seed)",
          sourceLocation: sourceLocation)
      }
      let flash = pico.flashBytes(TokenImage.storage)
      let found = scan.found(in: flash)
      #expect(
        Set(found.keys) == stored, "flash after \(command); repeat with: \(Self.seed)",
        sourceLocation: sourceLocation)
      for secret in scan.secrets where stored.contains(secret.name) {
        #expect(
          scan.count(of: secret, in: flash) == 1, "\(secret.name) after \(command)",
          sourceLocation: sourceLocation)
      }
    }
  }

  @Test("of a credential are in its record alone, through all that is done with it")
  func credentials() throws {
    let bench = try Bench()
    let session = bench.session
    let name = try Credential.Name(hotpLabel: "first")
    for algorithm in HashAlgorithm.allCases {
      let secret = bench.plant("key for \(algorithm)")
      try session.put(NewCredential(name: name, algorithm: algorithm, secret: secret))
      bench.stored = ["key for \(algorithm)"]
      try bench.check(after: "PUT")
      _ = try session.calculate(name)
      try bench.check(after: "CALCULATE")
      guard algorithm != .sha512 else { break }
      try session.delete(name)
    }
    let key = bench.stored
    _ = try session.list()
    try bench.check(after: "LIST")
    let other = try Credential.Name(hotpLabel: "a longer name than before")
    try session.rename(name, to: "a longer name than before")
    try bench.check(after: "RENAME")
    #expect(throws: TokenFailure.self) { try session.calculate(name) }
    try bench.check(after: "CALCULATE of another name")

    let code = bench.plant("recovery code")
    try session.storeRecoveryCodes([code], for: other)
    bench.stored.insert("recovery code")
    try bench.check(after: "STORE RECOVERY CODES")
    _ = try session.takeRecoveryCode(for: other)
    bench.stored = key
    try bench.check(after: "TAKE RECOVERY CODE")

    for isCommitted in [false, true] {
      let label = isCommitted ? "committed key" : "rolled back key"
      let staged = bench.plant(label)
      try session.stage(NewCredential(name: other, secret: staged))
      bench.staged = label
      try bench.check(after: "STAGE")
      _ = try session.calculateStaged(other)
      try bench.check(after: "CALCULATE STAGED")
      if isCommitted { try session.commit(other) } else { try session.rollBack() }
      bench.staged = nil
      if isCommitted { bench.stored = [label] }
      try bench.check(after: isCommitted ? "COMMIT" : "ROLL BACK")
    }
    try session.delete(other)
    bench.stored = []
    try bench.check(after: "DELETE")
  }

  @Test("of a PIN and an access key are gone after each proof, right, wrong or cancelled")
  func proofs() throws {
    let bench = try Bench()
    let session = bench.session
    let right = try UserPIN(bench.plant("PIN"))
    let wrong = try UserPIN(bench.plant("wrong PIN"))
    let new = try UserPIN(bench.plant("new PIN"))
    try session.setPIN(right)
    try bench.check(after: "SET PIN")
    #expect(throws: TokenFailure.self) { try session.verify(wrong) }
    try bench.check(after: "VERIFY PIN with a wrong one")
    try session.verify(right)
    try bench.check(after: "VERIFY PIN")
    bench.transport.finger = .absent
    session.framing.isCancelled = { true }
    #expect(throws: TokenFailure.cancelled) { try session.verify(right) }
    try bench.check(after: "VERIFY PIN, cancelled")
    session.framing.isCancelled = nil
    bench.transport.finger = .tapping
    try session.changePIN(from: right, to: new)
    try bench.check(after: "CHANGE PIN")
    try session.verify(new)

    let password = SecretBytes(Array("a password of some length".utf8).span)
    let key = try session.accessKey(password: password)
    bench.plant("access key", try Self.derived(from: password, session))
    try session.setAccessKey(key)
    bench.stored = ["access key"]
    try bench.check(after: "SET CODE and VALIDATE")
    let other = try session.accessKey(password: SecretBytes(Array("another".utf8).span))
    #expect(throws: TokenFailure.self) { try session.validate(other) }
    try bench.check(after: "VALIDATE with a wrong key")
    try session.validate(key)
    try session.clearAccessKey()
    bench.stored = []
    try bench.check(after: "SET CODE, clearing")
  }

  @Test("of a command that is refused, cut short, or never finished are gone")
  func aborted() throws {
    let bench = try Bench()
    let framing = bench.session.framing
    let secret = bench.plant("key", count: 60)
    let key = secret.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    // Eleven digits are none.
    for digits: UInt8 in [11, 5] {
      let data = [0x71, 1, 0x61, 0x73, UInt8(2 + key.count), 0x21, digits] + key
      _ = try framing.transact(.applet, ([0, 0x01, 0, 0, UInt8(data.count)] + data).span)
      try bench.check(after: "PUT of \(digits) digits")
    }
    _ = try framing.transact(.applet, ([1, 0x01, 0, 0, UInt8(key.count)] + key).span)
    try bench.check(after: "a command of an unknown class")
    _ = try framing.transact(.applet, ([0, 0xEE, 0, 0, UInt8(key.count)] + key).span)
    try bench.check(after: "an unknown command")
    _ = try framing.transact(.ping, key.span)
    try bench.check(after: "PING")

    // The first report of a message of two, on the session's channel, which is the first.
    var report = Report()
    for (index, byte) in ([0, 0, 0, 1, 0xF0, 0, 100] + key.prefix(57)).enumerated() {
      report.bytes[index] = byte
    }
    try bench.transport.write(report)
    bench.transport.pico?.run(for: .milliseconds(700))
    try bench.check(after: "a message that timed out")
    _ = try bench.transport.read(before: .now)
    try bench.session.ping([1])
    try bench.transport.write(report)
    bench.transport.pico?.run(for: .milliseconds(5))
    for index in 0..<64 { report.bytes[index] = 0 }
    for (index, byte) in [0, 0, 0, 1, 0x86, 0, 8].enumerated() { report.bytes[index] = UInt8(byte) }
    try bench.transport.write(report)
    try bench.check(after: "a message in the middle of which came INIT")
  }

  @Test("are gone after RESET, all of them")
  func reset() throws {
    let bench = try Bench()
    for index in 0..<5 {
      let secret = bench.plant("key \(index)")
      try bench.session.put(
        NewCredential(name: .init(hotpLabel: "\(index)"), secret: secret))
      bench.stored.insert("key \(index)")
    }
    try bench.check(after: "PUT")
    try bench.session.reset()
    bench.stored = []
    try bench.check(after: "RESET")
  }

  /// YKOATH's derivation: the salt is the device's identifier.
  private static func derived(
    from password: SecretBytes, _ session: TokenSession
  ) throws -> [UInt8] {
    let identifier = try #require(session.selection).identifier.rawValue
    let salt = withUnsafeBytes(of: identifier.bigEndian) { Array($0) }
    var key = [UInt8](repeating: 0, count: AccessKey.size)
    password.withBytes { password in
      var output = key.mutableSpan
      PBKDF2<SHA1>.derive(
        password: password, salt: salt.span, iterations: 1_000, into: &output)
    }
    return key
  }
}
