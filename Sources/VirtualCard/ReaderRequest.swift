import TokenCore

/// What the reader asks of the card: one frame of vpcd's protocol.
///
/// A frame is `length (2, big-endian) ‖ payload`, in both directions. A payload of one byte is a control;
/// any other is a command APDU, whose answer is a frame as well. Only vpcd's own source describes it.
enum ReaderRequest: Equatable {
  case control(ReaderControl)
  case command([UInt8])

  /// Bytes of the length before a payload.
  static let headerSize = 2

  /// Takes the first frame off `bytes`; `nil` while it is not there in full.
  ///
  /// One byte that is no known control is a command, which the applet then refuses for its length. So
  /// is a frame without any.
  static func take(from bytes: inout [UInt8]) -> ReaderRequest? {
    guard let payload = firstPayload(of: bytes) else { return nil }
    defer { bytes.removeFirst(payload.upperBound) }
    if payload.count == 1, let control = ReaderControl(rawValue: bytes[payload.lowerBound]) {
      return .control(control)
    }
    return .command(Array(bytes[payload]))
  }

  /// Whether a whole frame is there.
  static func isWhole(in bytes: [UInt8]) -> Bool { firstPayload(of: bytes) != nil }

  /// Whether the first frame is there in full, and a control.
  static func isControl(in bytes: [UInt8]) -> Bool {
    guard let payload = firstPayload(of: bytes), payload.count == 1 else { return false }
    return ReaderControl(rawValue: bytes[payload.lowerBound]) != nil
  }

  /// The frame that carries an answer of the card's.
  ///
  /// - Precondition: `payload` has 65,535 bytes at most.
  static func frame(_ payload: [UInt8]) -> [UInt8] {
    let length = UInt16(payload.count)
    return [UInt8(length >> 8), UInt8(truncatingIfNeeded: length)] + payload
  }

  private static func firstPayload(of bytes: [UInt8]) -> Range<Int>? {
    guard bytes.count >= headerSize else { return nil }
    let end = headerSize + (Int(bytes[0]) << 8 | Int(bytes[1]))
    return bytes.count >= end ? headerSize..<end : nil
  }
}

/// The controls of a reader that are no commands.
enum ReaderControl: UInt8 {
  /// Power off, on, and a reset: none is answered.
  case powerOff = 0x00
  case powerOn = 0x01
  case reset = 0x02
  /// Asks for the ATR. vpcd also does it again and again to learn whether the card is still there.
  case answerToReset = 0x04
}
