import OATH
import Testing
import TokenCore

/// Short command APDUs, byte by byte as Docs/protocol.md has them.
enum Commands {
  static let select =
    [0, 0xA4, 4, 0, 7] + (0..<7).map { AppletLimits.applicationIdentifier[$0] } as [UInt8]
  static let list: [UInt8] = [0, Instruction.list.rawValue, 0, 0]
  static let sendRemaining: [UInt8] = [0, Instruction.sendRemaining.rawValue, 0, 0]

  static let secret = Array("12345678901234567890".utf8)

  static func command(
    _ instruction: Instruction, p2: UInt8 = 0, _ data: [UInt8]
  ) -> [UInt8] {
    [0, instruction.rawValue, 0, p2, UInt8(data.count)] + data
  }

  static func field(_ tag: TokenCore.Tag, _ value: [UInt8]) -> [UInt8] {
    [tag.rawValue, UInt8(value.count)] + value
  }

  static func putHOTP(_ name: String, touch: Bool = false) -> [UInt8] {
    let kind = CredentialKind(type: .hotp, algorithm: .sha1).rawValue
    let property = [Tag.property.rawValue, CredentialProperties.touch.rawValue]
    return command(
      .put,
      field(.name, Array(name.utf8)) + field(.key, [kind, 6] + secret) + (touch ? property : []))
  }

  static func calculate(_ name: String) -> [UInt8] {
    command(.calculate, p2: 1, field(.name, Array(name.utf8)) + field(.challenge, []))
  }

  /// SET CODE, as YKOATH's clients send it.
  static func setCode(_ key: [UInt8]) -> [UInt8] {
    let challenge = [UInt8](repeating: 1, count: 8)
    return command(
      .setCode,
      field(.key, [0x21] + key) + field(.challenge, challenge)
        + field(.response, hmac(key, challenge)))
  }

  static func validate(_ key: [UInt8], _ nonce: [UInt8]) -> [UInt8] {
    command(
      .validate,
      field(.response, hmac(key, nonce)) + field(.challenge, [UInt8](repeating: 1, count: 8)))
  }

  /// The code in the answer to CALCULATE, digits and all.
  static func code(in answer: [UInt8]) -> Code? {
    guard answer.count >= 9, answer[0] == Tag.truncatedResponse.rawValue, answer[1] == 5,
      let digits = Digits(rawValue: Int(answer[2]))
    else { return nil }
    return Truncation(value: answer[3...6].reduce(0) { $0 << 8 | UInt32($1) })?.code(digits)
  }

  static func expectedCode(_ counter: UInt64) -> Code {
    HOTP.code(
      key: OATHKey(algorithm: .sha1, secret: secret.span), at: MovingFactor(counter),
      digits: .six)
  }

  static func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: HashAlgorithm.largestDigestSize)
    var span = code.mutableSpan
    let count = OATHKey(algorithm: .sha1, secret: key.span)
      .authenticationCode(of: message.span, into: &span)
    return Array(code.prefix(count))
  }
}

extension Reader {
  /// SELECT of a token with a password: the nonce that VALIDATE is to answer.
  func nonce() throws -> [UInt8] {
    let selection = try ask(Commands.select)
    let start = try #require(selection.firstRange(of: [Tag.challenge.rawValue, 8])).upperBound
    return Array(selection[start...].prefix(8))
  }

  /// Proves the password's key.
  func validate(_ key: [UInt8]) throws {
    let answer = try ask(Commands.validate(key, nonce()))
    #expect(answer.suffix(2) == StatusWord.success.bytes[...])
  }
}

extension StatusWord {
  var bytes: [UInt8] { [UInt8(rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)] }
}

/// Random numbers that one seed determines (splitmix64).
struct Seed: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
