/// A flash image as Docs/storage.md describes it, read by none of the store's own code.
///
/// It accounts for every byte: what is not a sector's header or a record that counts has to be zeros or
/// ones. So nothing of any other value is anywhere, not even in parts. Marginal bits may read either way.
package struct StoreImage {
  /// The values by key.
  package private(set) var values: [Int: [UInt8]] = [:]

  private let flash: NORFlash
  private static let unit = 16

  /// Reads the image of a mounted store without an operation at work.
  package init(_ flash: NORFlash) throws(Complaint) {
    self.flash = flash
    for sector in 0..<flash.sectorCount {
      let start = sector * flash.sectorSize
      if try isBlank(header: start) {
        guard all(0xFF, in: start + 32..<start + flash.sectorSize) else {
          throw Complaint("the blank sector \(sector) has something in it")
        }
        guard !flash.isHalfErased(sector) else {
          throw Complaint("the erasure of the blank sector \(sector) was cut")
        }
      } else {
        try readRecords(from: start + 32, to: start + flash.sectorSize)
      }
    }
  }

  // MARK: Headers

  private func isBlank(header start: Int) throws(Complaint) -> Bool {
    let sectors = flash.sectorCount
    let size = flash.sectorSize
    let identity: [UInt8] = [
      0x57, 0x46, 0x4F, 0x42, 1, 16, UInt8(sectors >> 8), UInt8(sectors & 0xFF),
      UInt8(size >> 24), UInt8(size >> 16 & 0xFF), UInt8(size >> 8 & 0xFF), UInt8(size & 0xFF),
    ]
    for offset in identity.indices where !may(start + offset, be: identity[offset]) {
      throw Complaint("no identity at \(start)")
    }
    if all(0xFF, in: start + 12..<start + 32) { return true }
    for offset in 12..<16 where flash.bytes[start + offset] != ~flash.bytes[start + offset + 4] {
      throw Complaint("a torn sequence number at \(start)")
    }
    guard may(start + 20, be: 0), may(start + 21, be: 0) || may(start + 21, be: 0xFF),
      all(0xFF, in: start + 22..<start + 32)
    else { throw Complaint("the marks at \(start) are no marks") }
    return false
  }

  // MARK: Records

  private mutating func readRecords(from start: Int, to end: Int) throws(Complaint) {
    var address = start
    while address < end {
      let unit = address..<address + Self.unit
      if all(0xFF, in: unit) {
        guard all(0xFF, in: address..<end) else {
          throw Complaint("something after the end of the log, after \(address)")
        }
        return
      }
      if all(0x00, in: unit) {
        address += Self.unit
      } else {
        address += try readRecord(at: address, to: end)
      }
    }
  }

  /// - Returns: what it takes.
  private mutating func readRecord(at address: Int, to end: Int) throws(Complaint) -> Int {
    let header = Array(flash.bytes[address..<address + Self.unit])
    // The overwriting of a removal may have been cut in its first bits: it has nothing left to remove.
    if header[0] == 0xC3 || header[0] == 0x3C, flash.marginalBits(at: address + 13) != 0 {
      return Self.unit
    }
    let length = Int(header[2]) << 8 | Int(header[3])
    let size = Self.unit + (length + Self.unit - 1) / Self.unit * Self.unit
    guard header[0] == 0x5A, length <= 480, address + size <= end, header[13] == 0xF0,
      header[14] == 0xFF, header[15] == 0xFF,
      header[..<12].reduce(0, { $0 + (~$1).nonzeroBitCount }) == Int(header[12])
    else { throw Complaint("neither a record that counts nor zeros at \(address): \(header)") }
    let body = Array(flash.bytes[address + Self.unit..<address + Self.unit + length])
    let crc = header[8..<12].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard Self.crc(header[..<8] + body) == crc else {
      throw Complaint("a record that counts and is damaged, at \(address)")
    }
    guard all(0xFF, in: address + Self.unit + length..<address + size) else {
      throw Complaint("something behind the value at \(address)")
    }
    for byte in address..<address + size where flash.marginalBits(at: byte) != 0 {
      throw Complaint("marginal bits in the record at \(address)")
    }
    guard values.updateValue(body, forKey: Int(header[1])) == nil else {
      throw Complaint("two records of key \(header[1])")
    }
    return size
  }

  /// CRC-32, a bit at a time.
  private static func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var remainder = UInt32.max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 {
        remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0)
      }
    }
    return ~remainder
  }

  // MARK: Bytes

  private func may(_ address: Int, be byte: UInt8) -> Bool {
    (flash.bytes[address] ^ byte) & ~flash.marginalBits(at: address) == 0
  }

  private func all(_ byte: UInt8, in addresses: Range<Int>) -> Bool {
    for address in addresses where flash.bytes[address] != byte {
      guard may(address, be: byte) else { return false }
    }
    return true
  }
}
