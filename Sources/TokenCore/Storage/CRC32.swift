/// The CRC-32 of IEEE 802.3 (ISO-HDLC): polynomial 0x04C11DB7 reflected, initial value and final
/// XOR 0xFFFFFFFF. Over "123456789" it is 0xCBF43926.
public struct CRC32: Sendable {
  private var remainder: UInt32 = 0xFFFF_FFFF

  public init() {}

  /// Takes more bytes. Four bits at a time: 64 bytes of table rather than 1,024.
  public mutating func update(_ bytes: Span<UInt8>) {
    for index in bytes.indices {
      remainder ^= UInt32(bytes[index])
      remainder = (remainder >> 4) ^ crcTable[Int(remainder & 15)]
      remainder = (remainder >> 4) ^ crcTable[Int(remainder & 15)]
    }
  }

  /// The CRC of what was taken so far.
  public var value: UInt32 { ~remainder }
}

/// What the four bits that leave the remainder leave behind in it.
private let crcTable: InlineArray<16, UInt32> = [
  0x0000_0000, 0x1DB7_1064, 0x3B6E_20C8, 0x26D9_30AC,
  0x76DC_4190, 0x6B6B_51F4, 0x4DB2_6158, 0x5005_713C,
  0xEDB8_8320, 0xF00F_9344, 0xD6D6_A3E8, 0xCB61_B38C,
  0x9B64_C2B0, 0x86D3_D2D4, 0xA00A_E278, 0xBDBD_F21C,
]
