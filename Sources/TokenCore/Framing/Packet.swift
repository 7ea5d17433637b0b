/// A report read as a packet of the framing (FIDO CTAP 2.1, 11.2.4).
///
/// | offset | initialisation | continuation |
/// | --- | --- | --- |
/// | 0 | channel, 4 bytes | channel, 4 bytes |
/// | 4 | `0x80 \| command` | sequence, `0x00 ... 0x7F` |
/// | 5 | length, 2 bytes | payload, 59 bytes |
/// | 7 | payload, 57 bytes | |
enum Packet {
  case initialization(channel: ChannelID, command: UInt8, length: Int)
  case continuation(channel: ChannelID, sequence: UInt8)

  static let initializationHeader = 7
  static let continuationHeader = 5

  init(parsing report: borrowing Report) {
    var channel: UInt32 = 0
    for index in 0..<4 { channel = channel << 8 | UInt32(report.bytes[index]) }
    let id = ChannelID(rawValue: channel)
    let mark = report.bytes[4]
    if mark & 0x80 != 0 {
      let length = Int(report.bytes[5]) << 8 | Int(report.bytes[6])
      self = .initialization(channel: id, command: mark & 0x7F, length: length)
    } else {
      self = .continuation(channel: id, sequence: mark)
    }
  }
}

extension Report {
  /// An initialisation packet's header; the payload is still to be filled in from offset 7.
  init(channel: ChannelID, command: FramingCommand, length: Int) {
    self.init(channel: channel)
    bytes[4] = 0x80 | command.rawValue
    bytes[5] = UInt8(length >> 8)
    bytes[6] = UInt8(length & 0xFF)
  }

  /// A continuation packet's header; the payload is still to be filled in from offset 5.
  init(channel: ChannelID, sequence: UInt8) {
    self.init(channel: channel)
    bytes[4] = sequence
  }

  private init(channel: ChannelID) {
    self.init()
    for index in 0..<4 {
      bytes[index] = UInt8(truncatingIfNeeded: channel.rawValue >> UInt32(24 - 8 * index))
    }
  }
}
