import TokenCore

/// A report, or a notice, on a serial line.
///
/// The payload, 1 ... 64 bytes, and its CRC-32, most significant byte first, are written without zeros
/// (Consistent Overhead Byte Stuffing, Cheshire and Baker 1999), and a zero ends them. So a reader that
/// starts anywhere, or lost a byte, is back in step at the next zero, and takes nothing that was
/// damaged. A payload of 64 bytes is a report; one of 8 bytes a `TrapNotice`.
///
/// Stuffed, each zero byte becomes the distance to the next one, the first distance standing in front:
///
///     payload and CRC   11 22 00 33 …          a byte more than they have,
///     on the line       03 11 22 02 33 … 00    and the zero at the end
public struct SerialFrame: Sendable {
  /// The most bytes of a payload.
  public static let payloadSize = Report.size
  /// The most bytes on the line: payload, CRC, one of stuffing, the zero.
  public static let size = payloadSize + crcSize + 2

  static let crcSize = 4

  /// What goes on the line is the first `count` of them.
  public private(set) var bytes: InlineArray<70, UInt8> = InlineArray(repeating: 0)
  public private(set) var count = 0

  /// Nothing to send.
  public init() {}

  public init(_ report: Report) {
    self.init(payload: report.bytes.span)
  }

  init(payload: Span<UInt8>) {
    var crc = CRC32()
    crc.update(payload)
    var mark = 0
    count = 1
    for index in payload.indices { stuff(payload[index], mark: &mark) }
    for index in 0..<UInt32(Self.crcSize) {
      stuff(UInt8(truncatingIfNeeded: crc.value >> (24 - 8 * index)), mark: &mark)
    }
    bytes[mark] = UInt8(count - mark)
    count += 1
  }

  /// Appends a byte of the content. `mark` is where the distance to the next zero belongs; no distance
  /// comes near 255, so a mark is never followed by anything but a zero.
  private mutating func stuff(_ byte: UInt8, mark: inout Int) {
    if byte == 0 {
      bytes[mark] = UInt8(count - mark)
      mark = count
    } else {
      bytes[count] = byte
    }
    count += 1
  }
}
