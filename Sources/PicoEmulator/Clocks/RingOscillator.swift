/// What `RANDOMBIT` of the ring oscillator gives.
public enum RandomBits: Sendable {
  /// Bits of a generator that is seeded with this: each run is the same.
  case seeded(UInt64)
  /// An oscillator that is stuck.
  case stuck(Bool)
  /// One that gives the same bit this many times before the next.
  case repeating(Int, seed: UInt64)
}

/// ROSC (RP2040 data sheet, 2.17): what the chip starts on, and a source of random bits.
final class RingOscillator: Peripheral {
  /// Typical; the data sheet allows 1.8 to 12 MHz.
  static let typical = Hertz(6_500_000)

  private unowned let surroundings: any Surroundings
  private let clocksTheCore: () -> Bool
  private let changed: () -> Void
  private var generator: SplitMix
  private var bits: RandomBits
  private var repetitions = 0
  private var lastBit = false
  private var control: UInt32 = 0xFAB_AA0
  private var others: [UInt32: UInt32] = [:]

  /// FREQA, FREQB, DORMANT, DIV, PHASE.
  private static let initialValues: [UInt32: UInt32] = [
    0x04: 0, 0x08: 0, 0x0C: 0x7761_6B65, 0x10: 0xAA0 + 16, 0x14: 8,
  ]

  init(
    _ surroundings: any Surroundings, bits: RandomBits, clocksTheCore: @escaping () -> Bool,
    changed: @escaping () -> Void
  ) {
    self.surroundings = surroundings
    self.clocksTheCore = clocksTheCore
    self.changed = changed
    self.bits = bits
    generator = SplitMix(seed: bits.seed)
  }

  func reset() {
    control = 0xFAB_AA0
    others = [:]
    changed()
  }

  /// From now on.
  func setRandomBits(_ bits: RandomBits) {
    self.bits = bits
    repetitions = 0
    generator = SplitMix(seed: bits.seed)
  }

  var frequency: Hertz? { control >> 12 & 0xFFF == 0xFAB ? Self.typical : nil }

  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x00: control
    case 0x18: frequency == nil ? 0 : 1 << 31 | 1 << 12
    case 0x1C: randomBit() ? 1 : 0
    case 0x20: 0
    default: Self.initialValues[offset].map { others[offset] ?? $0 }
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    switch offset {
    case 0x00:
      control = write.applied(to: control, mask: 0xFF_FFFF)
      if ![0xFAB, 0xD1E].contains(control >> 12) {
        surroundings.report(.badValue, "ROSC_CTRL.ENABLE takes 0xfab and 0xd1e alone")
      }
      changed()
    case 0x0C: surroundings.report(.notModelled, "ROSC is put to sleep (DORMANT)")
    case 0x18, 0x20: break
    default:
      guard let initial = Self.initialValues[offset] else { return false }
      others[offset] = write.applied(to: others[offset] ?? initial)
    }
    return true
  }

  private func randomBit() -> Bool {
    guard frequency != nil else {
      surroundings.report(.clockSourceStopped, "RANDOMBIT was read while ROSC is off")
      return lastBit
    }
    if clocksTheCore() {
      surroundings.report(
        .randomBitCorrelated, "RANDOMBIT was read while the core runs on ROSC, in step with it")
    }
    switch bits {
    case .stuck(let bit): lastBit = bit
    case .seeded: lastBit = generator.next() & 1 == 1
    case .repeating(let count, _):
      if repetitions == 0 { lastBit = generator.next() & 1 == 1 }
      repetitions = (repetitions + 1) % max(count, 1)
    }
    return lastBit
  }
}

extension RandomBits {
  fileprivate var seed: UInt64 {
    switch self {
    case .seeded(let seed), .repeating(_, let seed): seed
    case .stuck: 0
    }
  }
}

/// Steele, Lea and Flood's generator: small, and the same on every machine.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
