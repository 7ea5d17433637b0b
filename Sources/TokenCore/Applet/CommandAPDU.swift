import OATH

/// A command of the applet (ISO/IEC 7816-4, 5.1): header and data field, copied out of the message
/// so that the response can take its place.
struct CommandAPDU: ~Copyable {
  private(set) var instruction: UInt8 = 0
  private(set) var p1: UInt8 = 0
  private(set) var p2: UInt8 = 0
  /// The data field is the first `count` bytes.
  private(set) var data: InlineArray<512, UInt8> = InlineArray(repeating: 0)
  private(set) var count = 0
  private let pin = Pin()

  /// Takes the command in `bytes`: `CLA INS P1 P2 [Lc data] [Le]`, short or extended.
  ///
  /// - Throws: `wrongLength`, `unknownClass`.
  mutating func parse(_ bytes: Span<UInt8>) throws(StatusWord) {
    wipe()
    guard bytes.count >= 4 else { throw .wrongLength }
    guard bytes[0] == 0 else { throw .unknownClass }
    instruction = bytes[1]
    p1 = bytes[2]
    p2 = bytes[3]
    let body = try Self.dataField(of: bytes)
    guard body.count <= data.count else { throw .wrongLength }
    for index in 0..<body.count { data[index] = bytes[body.lowerBound + index] }
    count = body.count
  }

  /// The request may carry a key.
  mutating func wipe() {
    for index in 0..<count { data[index] = 0 }
    count = 0
    instruction = 0
    p1 = 0
    p2 = 0
  }

  /// Where the data field lies, by the seven forms of a command APDU (ISO/IEC 7816-4, table 2).
  private static func dataField(of bytes: Span<UInt8>) throws(StatusWord) -> Range<Int> {
    let size = bytes.count
    if size <= 5 { return size..<size }  // Case 1; case 2 short
    let short = Int(bytes[4])
    if short != 0 {
      // Case 3 and 4 short
      guard size == 5 + short || size == 6 + short else { throw .wrongLength }
      return 5..<5 + short
    }
    guard size >= 7 else { throw .wrongLength }
    if size == 7 { return size..<size }  // Case 2 extended
    let extended = Int(bytes[5]) << 8 | Int(bytes[6])
    guard extended != 0, size == 7 + extended || size == 9 + extended else { throw .wrongLength }
    return 7..<7 + extended
  }
}
