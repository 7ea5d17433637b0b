import TokenCore

/// The first 4,096 bytes of a token image, before the flash: what the board is, and where its clock
/// was when.
///
///     offset  size
///      0       8   magic 'WATCHFOB'
///      8       2   version, 1
///     10       2   sectors of the flash, 32
///     12       4   bytes of a sector, 4,096
///     16       8   serial number
///     24       8   tick epoch
///     32       8   ticks
///     40       8   ticks' remainder, in billionths, signed
///     48       8   when that was, by the host's clock: microseconds since 1970, signed
///     56       4   the crystal's error in parts per billion, signed
///     60       1   battery: 0 or 1
///     61       1   button: 0 automatic, 1 manual, 2 never
///     62       2   0
///     64       4   process that has the image open, 0 for none
///     68      56   0
///    124       4   CRC-32 of bytes 0 ... 123
///    128    3968   0
///
/// Numbers are big-endian.
struct ImageHeader: Equatable {
  static let magic = Array("WATCHFOB".utf8)
  static let version = 1
  /// Bytes that carry something.
  static let size = 128
  /// Where the flash starts.
  static let flashOffset = 4096
  /// Bytes of the whole file.
  static let fileSize = flashOffset + SimulatedFlash.size

  var serialNumber: SerialNumber
  var clock: SimulatedClock
  var buttonMode: Button.Mode
  /// The host's time at which `clock` was read.
  var savedAt: UnixTime
  /// The process that has the image open, or 0.
  var process: Int32

  init(_ board: SimulatedBoard, savedAt: UnixTime, process: Int32) {
    serialNumber = board.serialNumber
    clock = board.clock
    buttonMode = board.button.mode
    self.savedAt = savedAt
    self.process = process
  }

  enum ParsingFailure: Error, Equatable {
    case foreign
    case unknownVersion(Int)
    case corrupt
  }

  /// Parses the start of a file. Fewer than `size` bytes of an image are `corrupt`.
  init(parsing bytes: [UInt8]) throws(ParsingFailure) {
    guard bytes.starts(with: Self.magic) else { throw .foreign }
    guard bytes.count >= 10 else { throw .corrupt }
    let version: UInt16 = Self.number(bytes, 8)
    guard version == Self.version else { throw .unknownVersion(Int(version)) }
    guard bytes.count >= Self.size, Self.number(bytes, 124) == Self.checksum(bytes) else {
      throw .corrupt
    }
    let crystalOffset = PartsPerBillion(Self.number(bytes, 56))
    let remainder: Int64 = Self.number(bytes, 40)
    guard Self.number(bytes, 10) as UInt16 == SimulatedFlash.sectorCount,
      Self.number(bytes, 12) as UInt32 == SimulatedFlash.sectorSize,
      SimulatedClock.crystalOffsets.contains(crystalOffset),
      remainder.magnitude < 1_000_000_000,
      bytes[60] <= 1,
      let mode = Button.Mode(rawValue: bytes[61])
    else { throw .corrupt }
    serialNumber = SerialNumber(rawValue: Self.number(bytes, 16))
    clock = SimulatedClock(
      epoch: TickEpoch(rawValue: Self.number(bytes, 24)), ticks: Ticks(Self.number(bytes, 32)),
      remainder: remainder, hasBattery: bytes[60] == 1, crystalOffset: crystalOffset)
    buttonMode = mode
    savedAt = UnixTime(microseconds: Self.number(bytes, 48))
    process = Self.number(bytes, 64)
  }

  /// `size` bytes.
  var bytes: [UInt8] {
    var bytes = Self.magic
    bytes.reserveCapacity(Self.size)
    func append(_ number: some FixedWidthInteger) {
      withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
    append(UInt16(Self.version))
    append(UInt16(SimulatedFlash.sectorCount))
    append(UInt32(SimulatedFlash.sectorSize))
    append(serialNumber.rawValue)
    append(clock.epoch.rawValue)
    append(clock.ticks.rawValue)
    append(clock.remainder)
    append(savedAt.microseconds)
    append(clock.crystalOffset.rawValue)
    append(UInt8(clock.hasBattery ? 1 : 0))
    append(buttonMode.rawValue)
    append(UInt16(0))
    append(process)
    bytes.append(contentsOf: repeatElement(0, count: 124 - bytes.count))
    append(Self.checksum(bytes))
    return bytes
  }

  private static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int) -> Number {
    bytes[offset..<offset + Number.bitWidth / 8].reduce(0) {
      $0 << 8 | Number(truncatingIfNeeded: $1)
    }
  }

  /// CRC-32 as in IEEE 802.3, over bytes 0 ... 123.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var remainder: UInt32 = 0xFFFF_FFFF
    for byte in bytes.prefix(124) {
      remainder ^= UInt32(byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
      }
    }
    return ~remainder
  }
}
