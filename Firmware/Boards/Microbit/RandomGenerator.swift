import Hardware

/// The chip's generator of random bytes (nRF51 Series Reference Manual, chapter 20), with its bias
/// correction, and watched by `HealthTest`.
struct RandomGenerator {
  private static let base: UInt32 = 0x4000_D000
  static let start = Register(base + 0x000)
  static let ready = Register(base + 0x100)
  static let configuration = Register(base + 0x504)
  static let value = Register(base + 0x508)

  private static let biasCorrection: UInt32 = 1
  /// A byte takes 0.7 ms with bias correction; after this many looks it does not come any more.
  static let patience = 1_000_000

  private var test = HealthTest()

  func begin<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.write(Self.biasCorrection, to: Self.configuration)
    bus.write(1, to: Self.start)
  }

  /// Fills `bytes`.
  ///
  /// - Returns: `false` when the generator is silent or has failed its test.
  mutating func fill<Bus: RegisterBus & ~Copyable>(
    _ bytes: inout MutableSpan<UInt8>, _ bus: inout Bus
  ) -> Bool {
    for index in bytes.indices {
      guard waitForByte(&bus) else { return false }
      bus.write(0, to: Self.ready)
      let byte = UInt8(truncatingIfNeeded: bus.read(Self.value))
      test.observe(byte)
      bytes[index] = byte
    }
    return !test.hasFailed
  }

  private func waitForByte<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Bool {
    for _ in 0..<Self.patience where bus.read(Self.ready) != 0 { return true }
    return false
  }
}
