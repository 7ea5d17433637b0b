import PicoEmulator
import Testing

extension Pico {
  /// A Pico that has run a program up to its `done`, or for at most `length`.
  static func running(
    _ source: String, for length: Nanoseconds = .seconds(1), seed: UInt64 = 1
  ) throws -> Pico {
    let pico = Pico(Identity(seed: seed))
    pico.install(try Assembler.image(source))
    pico.powerOn()
    pico.runToEnd(for: length)
    return pico
  }

  /// Whether the program reached its end.
  var isDone: Bool { word(at: 0x2000_0400) == 0x600D }

  func runToEnd(for length: Nanoseconds = .seconds(1)) {
    run(for: length) { isDone || state != .running }
  }

  /// The n-th word that the program saved.
  func result(_ index: Int) -> UInt32? { word(at: 0x2000_0000 + UInt32(index) * 4) }

  var rules: [Violation.Rule] { violations.map(\.rule) }
}

/// What a program is expected to have broken; nothing, unless it says otherwise. The sentences are
/// shown when it is not so.
func expect(
  _ pico: Pico, breaks rules: Violation.Rule..., sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    pico.rules == rules, "\(pico.violations.map(\.description))", sourceLocation: sourceLocation)
  #expect(pico.isDone, "stopped as \(pico.state)", sourceLocation: sourceLocation)
}
