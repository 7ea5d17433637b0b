import OATH
import Testing

@testable import TokenCore

@Suite("A credential in the flash")
struct CredentialFormatTests {
  private static let incarnation: [UInt8] = [1, 2, 3, 4]

  /// A record as Docs/storage.md and `CredentialRecord` describe it: an HOTP credential that counts from 7.
  private static func record(
    format: UInt8, _ name: String, _ algorithm: HashAlgorithm, _ key: [UInt8]
  )
    -> [UInt8]
  {
    [format, 0x10 | algorithm.rawValue, 6, 0] + incarnation + [0, 0, 0, 7]
      + [UInt8(name.utf8.count), UInt8(key.count)] + Array(name.utf8) + key
  }

  /// A token that starts on a flash with that in slot 0.
  private static func host(on record: [UInt8]) throws -> TestHost {
    var board = TestBoard()
    var store = RecordStore()
    try store.mount(&board)
    try store.write(.credential(0), record.span, to: &board)
    return TestHost(board)
  }

  private static func calculate(_ name: String, on host: inout TestHost) -> (
    status: UInt16, data: [UInt8]
  ) {
    host.apdu(0xA2, p2: 1, field(0x71, name) + field(0x74, [UInt8]()))
  }

  private static func answer(_ algorithm: HashAlgorithm, _ key: [UInt8], at counter: UInt64)
    -> [UInt8]
  {
    let key = OATHKey(algorithm: algorithm, secret: key.span)
    return [0x76, 5, 6] + bigEndian(HOTP.truncation(key: key, at: MovingFactor(counter)).value)
  }

  @Test("of format 1, as older tokens wrote it, has the same codes", arguments: [1, 20, 64])
  func older(size: Int) throws {
    let key = (0..<size).map { UInt8($0 + 1) }
    var host = try Self.host(on: Self.record(format: 1, "old", .sha512, key))
    for counter in 7..<9 as Range<UInt64> {
      let answer = Self.calculate("old", on: &host)
      #expect(answer.status == 0x9000)
      #expect(answer.data == Self.answer(.sha512, key, at: counter))
    }
    // A name that it is given later leaves it in format 1.
    #expect(host.apdu(0x05, field(0x71, "old") + field(0x71, "renamed")).status == 0x9000)
    #expect(try stored(&host)?.first == 1)
    #expect(Self.calculate("renamed", on: &host).data == Self.answer(.sha512, key, at: 9))
  }

  @Test("of format 2 has a key of more than 64 bytes", arguments: [65, 128])
  func newer(size: Int) throws {
    let key = (0..<size).map { UInt8($0 + 1) }
    var host = try Self.host(on: Self.record(format: 2, "new", .sha512, key))
    #expect(Self.calculate("new", on: &host).data == Self.answer(.sha512, key, at: 7))
  }

  @Test("is written in format 1 up to 64 bytes of key, and beyond in format 2")
  func written() throws {
    for (size, format) in [(20, 1 as UInt8), (64, 1), (65, 2), (128, 2)] {
      var host = TestHost()
      let key = [UInt8](repeating: 9, count: size)
      let put = field(0x71, "site") + field(0x73, [0x13, 6] + key)
      #expect(host.apdu(0x01, put).status == 0x9000)
      let record = try #require(try stored(&host))
      #expect(record.first == format)
      #expect(record.suffix(size) == key[...])
    }
  }

  @Test("of a format that there is not, or whose key does not fit its format, is none")
  func unknown() throws {
    let short = [UInt8](repeating: 9, count: 20)
    let long = [UInt8](repeating: 9, count: 65)
    for record in [
      Self.record(format: 0, "odd", .sha1, short), Self.record(format: 2, "odd", .sha1, short),
      Self.record(format: 3, "odd", .sha512, long), Self.record(format: 1, "odd", .sha512, long),
    ] {
      var host = try Self.host(on: record)
      #expect(host.apdu(0xA1).data == [])
      #expect(Self.calculate("odd", on: &host).status == 0x6984)
    }
  }

  private func stored(_ host: inout TestHost) throws -> [UInt8]? {
    var board = host.token.board
    var store = RecordStore()
    try store.mount(&board)
    var bytes = [UInt8](repeating: 0, count: RecordStore.valueSize)
    var span = bytes.mutableSpan
    guard let length = try store.read(.credential(0), from: &board, into: &span) else { return nil }
    return Array(bytes.prefix(length))
  }
}
