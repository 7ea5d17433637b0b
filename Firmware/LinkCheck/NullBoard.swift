import OATH
import TokenCore

/// A board with nothing on it: all that it knows, it reads from memory that nobody set.
struct NullBoard: Board, ~Copyable {
  private var memory = UnknownMemory()

  let body = Body.hardware
  let serialNumber = SerialNumber(rawValue: 0)
  let sectorCount = 8
  let sectorSize = 4096
  let tickRate = TickRate(ticksPerSecond: 32_768)
  let crystalTolerance = PartsPerBillion(20_000)
  let tickEpoch = TickEpoch(rawValue: 0)

  mutating func read(at address: Int, into bytes: inout MutableSpan<UInt8>) {
    for i in bytes.indices { bytes[i] = memory.byte() }
  }

  mutating func program(at address: Int, _ bytes: Span<UInt8>) {
    for i in bytes.indices { memory.keep(bytes[i]) }
  }

  mutating func erase(sector: Int) { memory.keep(UInt8(truncatingIfNeeded: sector)) }

  mutating func ticks() -> Ticks { Ticks(UInt64(bitPattern: memory.seconds().rawValue)) }

  mutating func isTouched() -> Bool { memory.byte() != 0 }

  mutating func indicate(_ indication: Indication) { memory.keep(indication.rawValue) }

  mutating func fillWithEntropy(_ bytes: inout MutableSpan<UInt8>) -> Bool {
    for i in bytes.indices { bytes[i] = memory.byte() }
    return memory.byte() != 0
  }

  /// A report from a host that does not exist.
  mutating func report() -> InlineArray<64, UInt8> { memory.bytes() }

  mutating func send(_ report: Report) { memory.keep(report.bytes[0]) }
}
