import Hardware
import OATH

/// Unpredictable bytes from the ring oscillator, in the way of NIST SP 800-90B: noise, health tests that
/// watch it, and a vetted conditioning function (3.1.5.1.1), HMAC-SHA-256.
///
/// The maker calls the oscillator's bits unfit for security by themselves, so little is asked of them:
/// `HealthTest` counts a sample of 8 bits as 1 bit of entropy, and 32 bytes are drawn from
/// 320 samples, 64 more than that count needs. Whatever was drawn before stays in the pool, and
/// what was given out cannot be computed back from it.
struct EntropySource: ~Copyable {
  static let samplesPerBlock = 320
  /// Samples that have to pass before the first is used (SP 800-90B, 4.3).
  static let startupSamples = 1_024

  private var health = HealthTest()
  /// Watches how samples differ from the ones before them: an oscillator that runs in step with the
  /// processor alternates, and every sample by itself looks well.
  private var changeHealth = HealthTest()
  private var last: UInt8 = 0
  private var pool = InlineArray<32, UInt8>(repeating: 0)

  /// Tests the source before its first use.
  ///
  /// - Returns: `false` when it failed. Every call starts the tests anew.
  mutating func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Bool {
    health = HealthTest()
    changeHealth = HealthTest()
    for _ in 0..<Self.startupSamples { _ = sample(&bus) }
    return !hasFailed
  }

  private var hasFailed: Bool { health.hasFailed || changeHealth.hasFailed }

  @inline(never)
  private mutating func sample<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> UInt8 {
    let sample = RingOscillator.sample(&bus)
    health.observe(sample)
    changeHealth.observe(sample ^ last)
    last = sample
    return sample
  }

  /// Fills all of `bytes`.
  ///
  /// - Returns: `false` when the source failed its tests, now or before; `bytes` are zeros then.
  mutating func fill<Bus: RegisterBus & ~Copyable>(
    _ bytes: inout MutableSpan<UInt8>, _ bus: inout Bus
  ) -> Bool {
    var offset = 0
    while offset < bytes.count {
      var block = draw(&bus)
      let count = min(block.count, bytes.count - offset)
      for index in 0..<count { bytes[offset + index] = block[index] }
      wipe(&block)
      offset += count
    }
    if hasFailed { wipe(&bytes) }
    return !hasFailed
  }

  /// 32 bytes, of fresh noise and of all that came before.
  private mutating func draw<Bus: RegisterBus & ~Copyable>(
    _ bus: inout Bus
  ) -> InlineArray<32, UInt8> {
    var samples = InlineArray<320, UInt8>(repeating: 0)
    for index in samples.indices { samples[index] = sample(&bus) }
    var seed = Self.code(of: samples.span, key: pool.span)
    wipe(&samples)
    pool = Self.derive(.pool, from: seed)
    let output = Self.derive(.output, from: seed)
    wipe(&seed)
    return output
  }

  /// What is made of a seed; apart, so that the one says nothing about the other.
  private enum Purpose: UInt8 {
    case pool = 0
    case output = 1
  }

  private static func derive(
    _ purpose: Purpose, from seed: borrowing InlineArray<32, UInt8>
  ) -> InlineArray<32, UInt8> {
    let label = InlineArray<1, UInt8>(repeating: purpose.rawValue)
    return code(of: label.span, key: seed.span)
  }

  /// HMAC-SHA-256.
  private static func code(of message: Span<UInt8>, key: Span<UInt8>) -> InlineArray<32, UInt8> {
    let key = OATHKey(algorithm: .sha256, secret: key)
    var code = InlineArray<64, UInt8>(repeating: 0)
    var bytes = code.mutableSpan
    key.authenticationCode(of: message, into: &bytes)
    let first = InlineArray<32, UInt8> { code[$0] }
    wipe(&code)
    return first
  }
}
