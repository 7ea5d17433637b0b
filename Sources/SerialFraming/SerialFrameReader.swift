import TokenCore

/// Puts the bytes of a serial line back together to reports.
public struct SerialFrameReader: Sendable {
  private var bytes: InlineArray<69, UInt8> = InlineArray(repeating: 0)
  private var count = 0
  private var isTooLong = false
  /// The length of the payload in `bytes`, once a frame was whole.
  private var payloadCount = 0

  public init() {}

  /// Takes the next byte.
  ///
  /// - Returns: whether it ended a frame that is whole and undamaged; `report()` or `notice()` then has
  ///   it, until the next byte is taken.
  public mutating func take(_ byte: UInt8) -> Bool {
    payloadCount = 0
    guard byte == 0 else {
      if count < bytes.count {
        bytes[count] = byte
        count += 1
      } else {
        isTooLong = true
      }
      return false
    }
    if !isTooLong { payloadCount = unstuff() }
    count = 0
    isTooLong = false
    return payloadCount > 0
  }

  /// The report, if that is what the last frame was.
  public func report() -> Report? {
    guard payloadCount == Report.size else { return nil }
    var report = Report()
    for index in 0..<Report.size { report.bytes[index] = bytes[index] }
    return report
  }

  /// The notice of a trap, if that is what the last frame was.
  public func notice() -> TrapNotice? {
    guard payloadCount == TrapNotice.size else { return nil }
    return TrapNotice(parsing: bytes.span.extracting(0..<TrapNotice.size))
  }

  /// Turns the stuffed bytes into the payload, in place.
  ///
  /// - Returns: how many bytes it has, 0 if the frame is damaged.
  private mutating func unstuff() -> Int {
    guard count > 1 + SerialFrame.crcSize else { return 0 }
    // Each byte moves one place towards the start, into the place of the mark before it.
    var nextMark = Int(bytes[0])
    for index in 1..<count {
      if index == nextMark {
        nextMark += Int(bytes[index])
        bytes[index - 1] = 0
      } else {
        bytes[index - 1] = bytes[index]
      }
    }
    guard nextMark == count else { return 0 }
    let payload = count - 1 - SerialFrame.crcSize
    var crc = CRC32()
    crc.update(bytes.span.extracting(0..<payload))
    var sent: UInt32 = 0
    for index in payload..<count - 1 { sent = sent << 8 | UInt32(bytes[index]) }
    return sent == crc.value ? payload : 0
  }
}
