import Hardware

/// The ring oscillator, ROSC, as a source of noise (RP2040 data sheet, 2.17): its period wanders against
/// the crystal's, on which the processor runs, and RANDOMBIT is its level at the moment of reading.
enum RingOscillator {
  static var randomBit: Register { Register(0x4006_001C) }

  /// Between two bits, so that the oscillator has had some periods to wander in.
  static let microsecondsBetweenBits: UInt32 = 2

  /// Eight bits in the order in which they were read, 16 µs of noise.
  static func sample<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> UInt8 {
    var sample: UInt8 = 0
    var last = bus.read(MicrosecondTimer.low)
    for _ in 0..<8 {
      while bus.read(MicrosecondTimer.low) &- last < microsecondsBetweenBits {}
      last = bus.read(MicrosecondTimer.low)
      sample = sample << 1 | UInt8(truncatingIfNeeded: bus.read(randomBit) & 1)
    }
    return sample
  }
}
