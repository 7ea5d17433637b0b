import OATH
import Testing
import TokenCore

@testable import TokenClient

@Suite("A new credential")
struct NewCredentialTests {
  @Test("has a key that HMAC cannot tell from the site's secret", arguments: HashAlgorithm.allCases)
  func equivalentKeys(_ algorithm: HashAlgorithm) throws {
    for length in [1, 13, 14, 20, 64, algorithm.blockSize, algorithm.blockSize + 1, 200] {
      let secret = [UInt8](repeating: 0x5A, count: length)
      let key = try credential(secret, algorithm).key
      #expect((14...algorithm.blockSize).contains(key.count), "\(length) bytes")
      #expect(
        code(key.withBytes { $0.array }, algorithm) == code(secret, algorithm), "\(length) bytes")
    }
  }

  @Test("is refused without a secret")
  func noSecret() {
    #expect(throws: TokenFailure.input(.keyEmpty)) { try credential([], .sha1) }
  }

  @Test(
    "hands a secret over as it is, up to a block of its hash", arguments: HashAlgorithm.allCases)
  func unchangedKeys(_ algorithm: HashAlgorithm) throws {
    let secret = (0..<algorithm.blockSize).map { UInt8($0) }
    #expect(try credential(secret, algorithm).key.withBytes { $0.array } == secret)
    let longer = try credential(secret + [1], algorithm).key
    #expect(longer.count == algorithm.digestSize)
  }

  @Test(
    "comes out of its mask as it went in, with a counter that goes on", arguments: [1, 20, 200])
  func masked(_ length: Int) throws {
    let secret = (0..<length).map { UInt8($0) }
    let plain = try credential(secret, .sha256)
    let timed = MaskedCredential(plain).credential(advancedBy: 3)
    #expect(timed.key.withBytes { $0.array } == plain.key.withBytes { $0.array })
    #expect(timed.name == plain.name && timed.kind == plain.kind && timed.counter == 0)
    let counted = try NewCredential(
      name: Credential.Name(hotpLabel: "a"), secret: SecretBytes(secret.span), counter: 7)
    #expect(MaskedCredential(counted).credential(advancedBy: 3).counter == 10)
  }

  @Test("is refused with a counter that the wire has no room for")
  func counter() throws {
    let name = try Credential.Name(hotpLabel: "a")
    #expect(throws: TokenFailure.input(.counterTooLarge(1 << 32))) {
      try NewCredential(name: name, secret: SecretBytes([1].span), counter: 1 << 32)
    }
  }

  private func credential(
    _ secret: [UInt8], _ algorithm: HashAlgorithm
  ) throws -> NewCredential {
    try NewCredential(
      name: Credential.Name(label: "a", period: Seconds(30)), algorithm: algorithm,
      secret: SecretBytes(secret.span))
  }

  private func code(_ key: [UInt8], _ algorithm: HashAlgorithm) -> Code {
    let key = OATHKey(algorithm: algorithm, secret: key.span)
    return HOTP.code(key: key, at: MovingFactor(42), digits: .eight)
  }
}

@Suite("Command APDUs")
struct CommandAPDUTests {
  @Test("are short up to 255 bytes of data and extended beyond, with nothing lost")
  func lengths() {
    for length in [0, 1, 100, 253, 254, 255, 400, 512] {
      let command = CommandAPDU(.put, p1: 1, p2: 2)
      for index in 0..<length { command.appendRaw(UInt8(index & 0xFF)) }
      let bytes = command.encoded().withBytes { $0.array }
      let data = (0..<length).map { UInt8($0 & 0xFF) }
      let header: [UInt8] =
        length == 0
        ? []
        : length < 256
          ? [UInt8(length)] : [0, UInt8(length >> 8), UInt8(length & 0xFF)]
      #expect(bytes == [0, 0x01, 1, 2] + header + data)
    }
  }

  @Test("carry fields as tag, length, value")
  func fields() {
    let command = CommandAPDU(.clockSync)
    command.append(.time, 0x0102_0304_0506_0708)
    command.append(.challenge, [])
    #expect(
      command.encoded().withBytes { $0.array }
        == [0, 0x51, 0, 0, 12, 0xD0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x74, 0])
  }

  @Test("carry fields of 128 bytes and more with their length in two bytes")
  func longFields() {
    let command = CommandAPDU(.put)
    command.append(.key, [UInt8](repeating: 7, count: 130))
    let bytes = command.encoded().withBytes { $0.array }
    #expect(Array(bytes[4..<8]) == [133, 0x73, 0x81, 130])
  }

  @Test("end with a proof over the instruction, the nonce and all that comes before it")
  func ownProof() throws {
    let key = try AccessKey(
      password: SecretBytes(Array("correct horse".utf8).span), for: DeviceIdentifier(rawValue: 1))
    let command = CommandAPDU(.setCode)
    command.append(.key, [])
    let nonce: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    let proved = command.proved(by: key, over: nonce)
    #expect(proved.hasOwnProof && !command.hasOwnProof)
    let bytes = proved.encoded().withBytes { $0.array }
    let proof = key.response(to: [0x03] + nonce + [0x73, 0])
    #expect(bytes == [0, 0x03, 0, 0, 24, 0x73, 0, 0xD7, 20] + proof)
  }
}

@Suite("Fields of an answer")
struct FieldReaderTests {
  @Test("have lengths of one, two or three bytes")
  func lengths() throws {
    for (prefix, count) in [([UInt8(5)], 5), ([0x81, 200], 200), ([0x82, 1, 44], 300)] {
      let value = [UInt8](repeating: 9, count: count)
      var reader = reader([0x71] + prefix + value)
      #expect(try reader.value(of: .name, 0...400) == value)
      #expect(reader.isAtEnd)
    }
  }

  @Test(
    "are refused when their length is not there, unreadable or more than there is",
    arguments: [
      [0x71], [0x71, 2, 1], [0x71, 0x80], [0x71, 0x81], [0x71, 0x82, 1], [0x71, 0xFF, 0],
    ]
      as [[UInt8]])
  func broken(_ bytes: [UInt8]) {
    var reader = reader(bytes)
    #expect { try reader.value(of: .name, 0...64) } throws: {
      FramingSessionTests.isNonsense($0)
    }
  }

  @Test("that a newer token adds at the end are passed over, if they are fields")
  func unknownTrailer() throws {
    var good = reader([0x71, 1, 65, 0xEE, 2, 1, 2])
    _ = try good.value(of: .name, 1...64)
    try good.end()
    #expect(good.isAtEnd)
    var bad = reader([0x71, 1, 65, 0xEE, 2, 1])
    _ = try bad.value(of: .name, 1...64)
    #expect { try bad.end() } throws: { FramingSessionTests.isNonsense($0) }
  }

  @Test("never give a time outside the years that can be reckoned with")
  func times() {
    for bytes: [UInt8] in [
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0, 0, 0, 0, 0, 0, 0],
    ] {
      var reader = reader([0xD0, 8] + bytes)
      #expect { try reader.time(of: .time) } throws: { FramingSessionTests.isNonsense($0) }
    }
  }

  private func reader(_ bytes: [UInt8]) -> FieldReader { FieldReader(SecretBytes(bytes.span)) }
}

@Suite("An access key")
struct AccessKeyTests {
  @Test("is what Python's hashlib makes of the password")
  func derivation() throws {
    // hashlib.pbkdf2_hmac('sha1', 'kölnisch wasser'.encode(), salt, 1000, 16)
    let device = DeviceIdentifier(rawValue: 0x0001_0203_FCFD_FEFF)
    let password = SecretBytes(Array("kölnisch wasser".utf8).span)
    let key = try AccessKey(password: password, for: device)
    let hex = key.bytes.withBytes { $0.array }.map { String($0, radix: 16) }
    #expect(hex.joined(separator: " ") == "22 13 fe 9f 91 b0 fa 56 1 db fb 40 3 6d 3c fa")
  }

  @Test("is not made of nothing")
  func empty() {
    #expect(throws: TokenFailure.input(.passwordEmpty)) {
      try AccessKey(password: SecretBytes(Span()), for: DeviceIdentifier(rawValue: 1))
    }
  }
}
