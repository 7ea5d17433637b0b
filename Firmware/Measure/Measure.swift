import Hardware
import OATH
import TokenCore

/// Computes codes as the token does, and writes a line for each algorithm to the serial port: how many
/// ticks of 1/16 µs they took, in hexadecimal; then one for the clock's readings and one for its
/// corrections. Under `-icount shift=0` an instruction takes a nanosecond,
/// and a tick is 62.5 instructions.
@main
struct Measure {
  /// Codes, readings or corrections for each line.
  static let codes: UInt64 = 64

  static func main() {
    var bench = Bench()
    for algorithm in HashAlgorithm.allCases { bench.print(bench.ticks(of: algorithm)) }
    bench.measureClock()
    while true { Processor.waitForInterrupt() }
  }
}

/// The chip's timer and serial port (nRF51 Series Reference Manual, chapters 18 and 29).
struct Bench {
  private var bus = MemoryMappedBus()
  private let timer: UInt32 = 0x4000_8000
  private let uart: UInt32 = 0x4000_2000
  /// What came out, so that nothing of the work can be left out.
  private var sum: UInt32 = 0

  init() {
    bus.write(3, to: Register(timer + 0x508))  // 32 bits
    bus.write(0, to: Register(timer + 0x510))  // no prescaler: 16 MHz
    bus.write(1, to: Register(timer + 0x000))
    bus.write(4, to: Register(uart + 0x500))
    bus.write(1, to: Register(uart + 0x008))
  }

  /// What `Measure.codes` codes take, each from the secret on.
  mutating func ticks(of algorithm: HashAlgorithm) -> UInt32 {
    var secret = InlineArray<20, UInt8>(repeating: 0)
    for index in secret.indices { secret[index] = UInt8(0x30 + index) }
    let start = now()
    for counter in 0..<Measure.codes {
      var message = InlineArray<8, UInt8>(repeating: 0)
      for index in message.indices {
        message[index] = UInt8(truncatingIfNeeded: counter >> UInt64(56 - 8 * index))
      }
      let key = OATHKey(algorithm: algorithm, secret: secret.span)
      var code = InlineArray<64, UInt8>(repeating: 0)
      var span = code.mutableSpan
      let size = key.authenticationCode(of: message.span, into: &span)
      sum ^= Truncation(of: code.span.extracting(0..<size)).value
    }
    return now() &- start
  }

  /// A clock that is told the time every day, with all the points that its fit may have. Its crystal
  /// is 12 ppm slow, and the host's stamps are off by some ms.
  mutating func measureClock() {
    let day: UInt64 = 86_400
    var clock = Timekeeper(
      rate: TickRate(ticksPerSecond: 32_768), tolerance: PartsPerBillion(20_000))
    var corrections: UInt32 = 0
    var readings: UInt32 = 0
    for number in 0..<2 * Measure.codes {
      let now = Ticks(number * (day * 32_768 - 33_974))
      let host = UnixTime(
        microseconds: Int64(
          1_800_000_000_000_000 + number * day * 1_000_000 + number * 7 % 11 * 1_000))
      let start = self.now()
      if number == 0 {
        clock.set(
          to: host, uncertainty: Microseconds(20_000), at: now, in: TickEpoch(rawValue: 1))
      } else {
        do throws(StatusWord) {
          _ = try clock.sync(
            to: host, uncertainty: Microseconds(20_000), at: now, in: TickEpoch(rawValue: 1))
        } catch {
          sum = .max  // Then a line is not a number.
        }
      }
      let corrected = self.now()
      if let reading = clock.reading(at: now.advanced(by: 1 << 30)) {
        sum ^= UInt32(truncatingIfNeeded: reading.time.microseconds) & 0xFFFF
      }
      guard number >= Measure.codes else { continue }
      corrections &+= corrected &- start
      readings &+= self.now() &- corrected
    }
    print(readings)
    print(corrections)
  }

  mutating func print(_ number: UInt32) {
    for shift in 0..<UInt32(8) {
      let digit = number >> (28 - 4 * shift) & 15
      send(digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
    send(0x0A)
    // A sum that cannot be.
    if sum == .max { send(0x21) }
  }

  private mutating func send(_ byte: UInt32) {
    bus.write(byte, to: Register(uart + 0x51C))
    while bus.read(Register(uart + 0x11C)) == 0 {}
    bus.write(0, to: Register(uart + 0x11C))
  }

  private mutating func now() -> UInt32 {
    bus.write(1, to: Register(timer + 0x040))
    return bus.read(Register(timer + 0x540))
  }
}
