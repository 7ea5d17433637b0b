import Glibc

/// What is to be in a Pico's flash, from an ELF file, a UF2 file, or plain bytes.
public struct FirmwareImage: Sendable {
  /// Bytes and where in flash they go; in no order, and without overlap in a file that makes sense.
  public struct Segment: Sendable {
    /// From the start of the flash.
    public let offset: Int
    public let bytes: [UInt8]
  }

  public let segments: [Segment]

  /// Why a file is no firmware for a Pico.
  public enum Failure: Error, Equatable, Sendable {
    /// The file cannot be read; `error` is its errno.
    case unreadable(error: Int32)
    case empty
    /// An ELF or UF2 file that is damaged, or for something else.
    case malformed(String)
    /// Something in it is not for flash.
    case outsideFlash(UInt32)
  }

  /// Bytes that start at the start of flash.
  public init(binary bytes: [UInt8]) throws(Failure) {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= FlashChip.size else {
      throw .outsideFlash(Self.flashBase + UInt32(bytes.count))
    }
    segments = [Segment(offset: 0, bytes: bytes)]
  }

  /// The content of a file of any of the three kinds, which its first bytes tell apart.
  public init(parsing bytes: [UInt8]) throws(Failure) {
    if bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) {
      try self.init(segments: Self.segments(elf: bytes))
    } else if bytes.starts(with: Self.uf2Magic) {
      try self.init(segments: Self.segments(uf2: bytes))
    } else {
      try self.init(binary: bytes)
    }
  }

  private init(segments: [Segment]) throws(Failure) {
    guard !segments.isEmpty else { throw .empty }
    self.segments = segments
  }

  public init(file path: String) throws(Failure) {
    try self.init(parsing: Self.read(path))
  }

  private static let flashBase: UInt32 = 0x1000_0000
  private static let uf2Magic: [UInt8] = Array("UF2\n".utf8) + [0x57, 0x51, 0x5D, 0x9E]
  private static let largestFile = 64 * 1024 * 1024

  private static func read(_ path: String) throws(Failure) -> [UInt8] {
    guard let file = fopen(path, "rbe") else { throw .unreadable(error: errno) }
    defer { fclose(file) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      content += chunk[..<count]
      guard content.count <= largestFile else { throw .malformed("it is larger than 64 MiB") }
    }
    guard ferror(file) == 0 else { throw .unreadable(error: errno) }
    return content
  }

  private static func offset(_ address: UInt32, _ count: Int) throws(Failure) -> Int {
    guard address >= flashBase, Int(address - flashBase) + count <= FlashChip.size else {
      throw .outsideFlash(address)
    }
    return Int(address - flashBase)
  }

  /// The segments that are loaded (PT_LOAD), at their physical addresses; those with nothing in the
  /// file are for RAM.
  private static func segments(elf bytes: [UInt8]) throws(Failure) -> [Segment] {
    // 32 bits, little-endian; machine 40 is Arm.
    guard bytes.count >= 52, bytes[4] == 1, bytes[5] == 1, number(bytes, 18, 2) == 40 else {
      throw .malformed("it is an ELF file for another machine")
    }
    let (table, entrySize, count) = (
      number(bytes, 28, 4), number(bytes, 42, 2), number(bytes, 44, 2)
    )
    guard entrySize >= 32, table + entrySize * count <= bytes.count else {
      throw .malformed("its program headers are not in it")
    }
    var segments: [Segment] = []
    for index in 0..<count {
      let header = table + index * entrySize
      let (start, size) = (number(bytes, header + 4, 4), number(bytes, header + 16, 4))
      guard number(bytes, header, 4) == 1, size > 0 else { continue }
      guard start + size <= bytes.count else { throw .malformed("a segment is not in it") }
      let address = UInt32(number(bytes, header + 12, 4))
      segments.append(
        Segment(offset: try offset(address, size), bytes: Array(bytes[start..<start + size])))
    }
    return segments
  }

  /// Blocks of 512 bytes: two magic numbers, flags, address, size, number, count, family, up to 476
  /// bytes, a third magic number.
  private static func segments(uf2 bytes: [UInt8]) throws(Failure) -> [Segment] {
    guard bytes.count % 512 == 0 else { throw .malformed("its size is no multiple of 512") }
    var segments: [Segment] = []
    for block in stride(from: 0, to: bytes.count, by: 512) {
      let (flags, size) = (number(bytes, block + 8, 4), number(bytes, block + 16, 4))
      guard bytes[block..<block + 8].elementsEqual(uf2Magic),
        number(bytes, block + 508, 4) == 0x0AB1_6F30, size <= 476
      else { throw .malformed("block \(block / 512) of it is no UF2 block") }
      // Not for the main flash; or for another family.
      if flags & 1 != 0 { continue }
      guard flags & 0x2000 != 0, number(bytes, block + 28, 4) == 0xE48B_FF56 else {
        throw .malformed("block \(block / 512) of it is not for an RP2040")
      }
      let address = UInt32(number(bytes, block + 12, 4))
      segments.append(
        Segment(
          offset: try offset(address, size), bytes: Array(bytes[block + 32..<block + 32 + size])))
    }
    return segments
  }

  /// Little-endian.
  private static func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> Int {
    (0..<size).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
  }
}

extension FirmwareImage.Failure: CustomStringConvertible {
  /// Completes 'IMAGE cannot be used: …', without a full stop.
  public var description: String {
    switch self {
    case .unreadable(let error): String(cString: strerror(error))
    case .empty: "there is nothing in it for flash"
    case .malformed(let reason): reason
    case .outsideFlash(let address):
      "it has something for \(hexadecimal(address)), and a Pico's flash is 2 MiB at 0x10000000"
    }
  }
}
