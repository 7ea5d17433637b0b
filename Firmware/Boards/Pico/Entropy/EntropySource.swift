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
    var conditioned = HMAC<SHA256>(key: HMAC<SHA256>.Key(pool.span))
    for _ in 0..<Self.samplesPerBlock {
      let one = InlineArray<1, UInt8>(repeating: sample(&bus))
      conditioned.update(one.span)
    }
    var seed = InlineArray<32, UInt8>(repeating: 0)
    var seedBytes = seed.mutableSpan
    conditioned.finalize(into: &seedBytes)
    let key = HMAC<SHA256>.Key(seedBytes.span)
    wipe(&seedBytes)
    pool = Self.derive(.pool, from: key)
    return Self.derive(.output, from: key)
  }

  /// What is made of a seed; apart, so that the one says nothing about the other.
  private enum Purpose: UInt8 {
    case pool = 0
    case output = 1
  }

  private static func derive(
    _ purpose: Purpose, from key: borrowing HMAC<SHA256>.Key
  ) -> InlineArray<32, UInt8> {
    var hmac = HMAC<SHA256>(key: key)
    let label = InlineArray<1, UInt8>(repeating: purpose.rawValue)
    hmac.update(label.span)
    var derived = InlineArray<32, UInt8>(repeating: 0)
    var bytes = derived.mutableSpan
    hmac.finalize(into: &bytes)
    return derived
  }
}
