import Hardware
import OATH
import TokenCore

/// Computes codes as the token does, and keeps time as it does, and writes a line for each to the serial
/// port: how many ticks of 1/16 µs it took, in hexadecimal. First each algorithm, then readings of the clock,
/// then corrections of it with a full history. Under `-icount shift=0` an instruction takes a nanosecond,
/// and a tick is 62.5 instructions.
@main
struct Measure {
  /// Codes for each line.
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

  /// What `Measure.codes` readings of a clock take that has learned its crystal, and as many corrections.
  mutating func measureClock() {
    var keeper = Timekeeper(
      rate: TickRate(ticksPerSecond: 32_768), tolerance: PartsPerBillion(20_000))
    let epoch = TickEpoch(rawValue: 1)
    let day: UInt64 = 86_400
    keeper.set(
      to: UnixTime(microseconds: 0), uncertainty: Microseconds(10_000), at: Ticks(0), in: epoch)
    keeper.note(Temperature(sixteenths: 300), at: Ticks(0))
    var corrections: UInt32 = 0
    var days: UInt64 = 0
    // Every other day, so that no point is dropped for its age; 20 days fill the history first.
    for round in 0..<20 + Measure.codes {
      days += 2
      let late = Ticks(days * day * 32_768 + round % 7 * 100)
      let start = now()
      _ = try? keeper.sync(
        to: UnixTime(microseconds: Int64(days * day * 1_000_000)),
        uncertainty: Microseconds(10_000), at: late, in: epoch)
      if round >= 20 { corrections &+= now() &- start }
    }
    let start = now()
    for second in 0..<Measure.codes {
      guard let reading = keeper.reading(at: Ticks((days * day + second) * 32_768)) else {
        continue
      }
      sum ^= UInt32(truncatingIfNeeded: reading.time.microseconds)
    }
    print(now() &- start)
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
