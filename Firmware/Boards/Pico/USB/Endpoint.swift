import Hardware

/// The endpoints, and where the controller's memory has what belongs to each (RP2040 data sheet,
/// 4.1.2.5). The order is that of the bits in the controller's registers.
///
/// | offset | bytes | what |
/// | --- | --- | --- |
/// | 0x000 | 8 | the last SETUP packet |
/// | 0x008 | 8 | endpoint control words of endpoint 1, IN and OUT |
/// | 0x080 | 16 | buffer control words, a word for each endpoint and direction |
/// | 0x100 | 64 | buffer of the control endpoint, both directions |
/// | 0x180 | 64 | buffer of endpoint 1, IN |
/// | 0x1C0 | 64 | buffer of endpoint 1, OUT |
enum Endpoint: UInt32, CaseIterable {
  case controlIn = 0
  case controlOut = 1
  case reportsIn = 2
  case reportsOut = 3

  static let memory: UInt32 = 0x5010_0000
  static let memorySize: UInt32 = 4_096
  static var setupPacket: Register { Register(memory) }
  /// Bytes in a packet, and in a buffer.
  static let packetSize = 64

  var bit: UInt32 { 1 << rawValue }

  var bufferControl: Register { Register(Self.memory + 0x80 + 4 * rawValue) }

  var bufferOffset: UInt32 {
    switch self {
    case .controlIn, .controlOut: 0x100
    case .reportsIn: 0x180
    case .reportsOut: 0x1C0
    }
  }

  /// The buffer's word of that index, 0...15.
  func bufferWord(_ index: Int) -> Register {
    Register(Self.memory + bufferOffset + 4 * UInt32(truncatingIfNeeded: index))
  }

  /// The control word of endpoint 1; the control endpoint has none.
  var control: Register { Register(Self.memory + 0x08 + 4 * (rawValue - 2)) }

  /// Enabled, single buffered, shows every buffer in `bufferStatus`, interrupt transfers.
  var controlWord: UInt32 { 1 << 31 | 1 << 29 | 3 << 26 | bufferOffset }
}
