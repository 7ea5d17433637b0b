import OATH
import Testing
import TokenCore

@Suite("The access key")
struct AccessKeyTests {
  static let key = Array("sixteen byte key".utf8)
  static let application: [UInt8] = [0xA0, 0, 0, 5, 0x27, 0x21, 1]

  static func hmac(_ message: [UInt8], key: [UInt8] = key) -> [UInt8] {
    let oath = OATHKey(algorithm: .sha1, secret: key.span)
    var code = [UInt8](repeating: 0, count: 64)
    var span = code.mutableSpan
    let length = oath.authenticationCode(of: message.span, into: &span)
    return Array(code.prefix(length))
  }

  static func newKey(_ key: [UInt8]) -> [UInt8] {
    let challenge: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
    return field(0x73, [0x21] + key) + field(0x74, challenge)
      + field(0x75, hmac(challenge, key: key))
  }

  /// Sets a key where none is set.
  static func setKey(_ host: inout TestHost, key: [UInt8] = key, on channel: UInt32? = nil)
    -> UInt16
  {
    host.apdu(0x03, newKey(key), on: channel).status
  }

  /// Replaces a key, by a proof of the one that is set.
  static func replaceKey(
    _ host: inout TestHost, by new: [UInt8], old: [UInt8] = key, on channel: UInt32? = nil
  ) -> UInt16 {
    let data = host.proved(0x03, newKey(new), key: old, on: channel)
    return host.apdu(0x03, data, on: channel).status
  }

  static func clearKey(_ host: inout TestHost, old: [UInt8] = key) -> UInt16 {
    let data = host.proved(0x03, field(0x73, []), key: old)
    return host.apdu(0x03, data).status
  }

  static func validate(_ host: inout TestHost, key: [UInt8] = key, on channel: UInt32? = nil)
    -> UInt16
  {
    let nonce = value(of: 0x74, in: host.apdu(0xA4, p1: 4, application, on: channel).data) ?? []
    let challenge: [UInt8] = [1, 1, 1, 1, 2, 2, 2, 2]
    let answer = host.apdu(
      0xA3, field(0x75, hmac(nonce, key: key)) + field(0x74, challenge), on: channel)
    if answer.status == 0x9000 {
      #expect(value(of: 0x75, in: answer.data) == hmac(challenge, key: key))
    }
    return answer.status
  }

  /// Every command with arguments that a validated channel would not be refused for lack of access.
  static let locked: [(UInt8, UInt8, UInt8)] = [
    (0x01, 0, 0), (0x02, 0, 0), (0x05, 0, 0), (0xA1, 0, 0), (0xA2, 0, 1),
    (0xA4, 0, 1),
    (0xA5, 0, 0), (0x54, 0, 0), (0x55, 0, 0), (0x56, 0, 0), (0x57, 0, 0x81), (0x58, 0, 0),
    (0x59, 0, 0),
    (0x5A, 0, 0),
  ]

  @Test("once set, it keeps every other channel from all that touches a secret")
  func locks() {
    var host = TestHost()
    _ = host.put("a")
    #expect(Self.setKey(&host) == 0x9000)
    for (instruction, p1, p2) in Self.locked {
      #expect(host.apdu(instruction, p1: p1, p2: p2, field(0x71, "a")).status == 0x6982)
    }
    for instruction: UInt8 in [0x50, 0x5C] { #expect(host.apdu(instruction).status == 0x9000) }
    #expect(value(of: 0xDD, in: host.apdu(0x5C).data) == [1])
    #expect(Self.validate(&host) == 0x9000)
    #expect(host.names() == ["a"])
  }

  @Test("a wrong response is refused, and leaves the channel locked")
  func wrongKey() {
    var host = TestHost()
    _ = Self.setKey(&host)
    #expect(Self.validate(&host, key: [0] + Self.key.dropFirst()) == 0x6A80)
    #expect(host.apdu(0xA1).status == 0x6982)
    #expect(
      host.apdu(0xA3, field(0x75, [1]) + field(0x74, [UInt8](repeating: 0, count: 8))).status
        == 0x6A80)
  }

  @Test("validation holds for one channel, until its next SELECT or INIT, and not over a restart")
  func validationEnds() {
    var host = TestHost()
    _ = Self.setKey(&host)
    _ = Self.validate(&host)
    let other = host.allocateChannel()
    #expect(host.apdu(0xA1, on: other).status == 0x6982)
    #expect(host.apdu(0xA1).status == 0x9000)
    _ = host.apdu(0xA4, p1: 4, Self.application)
    #expect(host.apdu(0xA1).status == 0x6982)
    _ = Self.validate(&host)
    _ = host.transact(0x06, [UInt8](repeating: 3, count: 8))
    #expect(host.apdu(0xA1).status == 0x6982)
    _ = Self.validate(&host)
    host.replug()
    #expect(host.apdu(0xA1).status == 0x6982)
  }

  @Test("four channels are validated side by side")
  func severalChannels() {
    var host = TestHost()
    _ = Self.setKey(&host)
    let channels = (0..<4).map { _ in host.allocateChannel() }
    for channel in channels { #expect(Self.validate(&host, on: channel) == 0x9000) }
    for channel in channels { #expect(host.apdu(0xA1, on: channel).status == 0x9000) }
  }

  @Test("a key is set only by who knows it, and cleared only by who proves the old one anew")
  func settingAndClearing() {
    var host = TestHost()
    let challenge: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
    let wrong = Self.hmac(challenge, key: [1])
    #expect(
      host.apdu(0x03, field(0x73, [0x21] + Self.key) + field(0x74, challenge) + field(0x75, wrong))
        .status == 0x6A80)
    #expect(host.apdu(0xA1).status == 0x9000)
    _ = Self.setKey(&host)
    #expect(host.apdu(0x03, field(0x73, [])).status == 0x6982)
    _ = Self.validate(&host)
    #expect(host.apdu(0x03, field(0x73, [])).status == 0x6982)
    #expect(Self.clearKey(&host, old: [1]) == 0x6A80)
    #expect(Self.clearKey(&host) == 0x9000)
    #expect(host.apdu(0xA1).status == 0x9000)
    #expect(value(of: 0x74, in: host.apdu(0xA4, p1: 4, Self.application).data) == nil)
  }

  @Test("VALIDATE without a SELECT of the channel has nothing to answer to")
  func validateFirst() {
    var host = TestHost()
    _ = Self.setKey(&host)
    let data =
      field(0x75, [UInt8](repeating: 0, count: 20)) + field(0x74, [UInt8](repeating: 0, count: 8))
    #expect(host.apdu(0xA3, data).status == 0x6985)
  }

  @Test("RESET works without the key, and leaves neither key nor secret")
  func reset() {
    var host = TestHost()
    _ = host.put("a")
    _ = Self.setKey(&host)
    #expect(host.reset() == 0x9000)
    #expect(host.names() == [])
  }
}
