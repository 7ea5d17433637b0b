import Glibc
import PicoEmulator
import PowerCuts
import TokenClient
import TokenCore

/// Cuts the power of the Pico's firmware in its emulator: at every program and erasure of commands of each
/// kind, and once in the start after each.
struct ImageCuts {
  /// What was wrong, and where.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let image: String
  /// Of the Pico's random bits: another one for each command, so that no two credentials have the same
  /// incarnation.
  private var seed: UInt64 = 1
  /// The token's storage: the last 128 KiB of the flash.
  private static let storage = Pico.flashSize - 131_072..<Pico.flashSize

  init(_ image: String) {
    self.image = image
  }

  private typealias Operation = (TokenSession) throws(TokenFailure) -> Void

  private static func operations() throws(TokenFailure) -> [(String, Operation)] {
    let first = try Credential.Name(hotpLabel: "first")
    let second = try Credential.Name(hotpLabel: "second")
    func credential(_ name: Credential.Name, _ byte: UInt8) throws(TokenFailure) -> NewCredential {
      let key = [UInt8](repeating: byte, count: 20)
      return try NewCredential(name: name, secret: SecretBytes(key.span))
    }
    func code(_ letter: UInt8) -> SecretBytes {
      SecretBytes([UInt8](repeating: letter, count: 11).span)
    }
    return [
      ("PUT", { (session) throws(TokenFailure) in try session.put(credential(first, 1)) }),
      ("PUT again", { (session) throws(TokenFailure) in try session.put(credential(second, 2)) }),
      ("CALCULATE", { (session) throws(TokenFailure) in _ = try session.calculate(first) }),
      (
        "STORE RECOVERY CODES",
        { (session) throws(TokenFailure) in
          try session.storeRecoveryCodes([code(0x61), code(0x62)], for: first)
        }
      ),
      (
        "TAKE RECOVERY CODE",
        { (session) throws(TokenFailure) in _ = try session.takeRecoveryCode(for: first) }
      ),
      (
        "COMMIT",
        { (session) throws(TokenFailure) in
          try session.stage(credential(first, 3))
          try session.commit(first)
        }
      ),
      ("DELETE", { (session) throws(TokenFailure) in try session.delete(second) }),
      ("RESET", { (session) throws(TokenFailure) in try session.reset() }),
    ]
  }

  /// Does all of it, and says how much that was.
  mutating func run() throws {
    var flash = [UInt8](repeating: 0xFF, count: Pico.flashSize)
    flash = try start(from: flash) { _ in }.flash
    var cuts = 0
    var startCuts = 0
    let operations = try Self.operations()
    var bar = ProgressBar(title: "image", total: operations.count * 20)
    for (index, (name, operation)) in operations.enumerated() {
      seed = UInt64(index) + 2
      let done = try start(from: flash) { session in try operation(session) }
      let allowed = [try values(flash), try values(done.flash)]
      for cut in 0..<done.operations {
        bar.show(index * 20 + min(Int(cut), 19))
        let place = "\(name), cut \(cut)"
        let torn = try start(from: flash, cuttingAt: cut) { session in try operation(session) }
        cuts += 1
        try expect(torn.flash, in: allowed, place)
        if let again = try cutStart(of: torn.flash, at: cut % 6) {
          startCuts += 1
          try expect(again, in: allowed, "\(place), and again in the start")
        }
      }
      flash = done.flash
    }
    bar.clear()
    Output.line("image    \(cuts) cuts in commands, \(startCuts) in the starts after them")
  }

  /// Starts on `flash`, and requires one of the states there, with nothing else left.
  private func expect(
    _ flash: [UInt8], in allowed: [[Int: [UInt8]]], _ place: String
  ) throws {
    let found = try start(from: flash) { _ in }.flash
    guard allowed.contains(try values(found)) else {
      throw Failure(description: "the image: neither before nor after \(place)")
    }
  }

  /// The values in the storage, without what chance decides anew.
  private func values(_ flash: [UInt8]) throws -> [Int: [UInt8]] {
    let cells = NORFlash(Array(flash[Self.storage]), sectorCount: 32, sectorSize: 4096)
    var values = try StoreImage(cells).values
    for key in values.keys {
      // Incarnations, and the identifier that RESET renews.
      switch key {
      case 0..<64: values[key]!.replaceSubrange(4..<8, with: [0, 0, 0, 0])
      case 64..<192: values[key]!.replaceSubrange(0..<4, with: [0, 0, 0, 0])
      case 194: values[key] = []
      default: break
      }
    }
    return values
  }

  // MARK: The Pico

  /// Plugs it in with that flash, does something over USB, and pulls it out.
  ///
  /// - Returns: its flash afterwards, and the programs and erasures of what was done.
  private func start(
    from flash: [UInt8], cuttingAt cut: UInt64? = nil,
    _ operation: (TokenSession) throws -> Void
  ) throws -> (flash: [UInt8], operations: UInt64) {
    let path = "/tmp/power-cuts.\(getpid()).flash"
    defer { unlink(path) }
    try write(flash, to: path)
    let transport = PicoTransport(
      image: image, storage: .file(path), pace: .unpaced, seed: seed)
    let session = try TokenSession(over: transport)
    guard let pico = transport.pico else { throw Failure(description: "there is no Pico") }
    let before = pico.flashOperations
    if let cut {
      pico.powerCut = PowerCut(at: cut, tear: .some(seed: cut))
      try? operation(session)
      guard pico.state == .off else { throw Failure(description: "the power was not cut") }
    } else {
      try operation(session)
    }
    let operations = pico.flashOperations - before
    session.close()
    guard pico.violations.isEmpty else {
      throw Failure(description: "the image broke a rule: \(pico.violations)")
    }
    return (pico.flashBytes(0..<Pico.flashSize), operations)
  }

  /// Lets the power go within a program or an erasure of the start.
  ///
  /// - Returns: the flash; nil if the start did not come that far.
  private func cutStart(of flash: [UInt8], at operation: UInt64) throws -> [UInt8]? {
    let pico = Pico(Pico.Identity(seed: seed))
    pico.setFlashBytes(flash, at: 0)
    pico.install(try FirmwareImage(file: image))
    pico.powerCut = PowerCut(at: operation, tear: .some(seed: operation))
    pico.powerOn()
    pico.run(for: .milliseconds(400)) { pico.state == .off }
    return pico.state == .off ? pico.flashBytes(0..<Pico.flashSize) : nil
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(description: "\(path) cannot be written") }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Failure(description: "\(path) cannot be written") }
      rest = rest.dropFirst(count)
    }
  }
}
