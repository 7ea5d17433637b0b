import OATH
import TokenClient
import TokenCore

/// What SELECT answers.
struct Selection {
  let version: [UInt8]
  let identifier: [UInt8]
  /// The nonce and the key's algorithm, if an access key is set.
  let lock: (nonce: [UInt8], algorithm: UInt8)?
}

extension Bench {
  static let selecting = Command(
    .selectOrCalculateAll, p1: 4, [0xA0, 0x00, 0x00, 0x05, 0x27, 0x21, 0x01])

  func select(on channel: ChannelID? = nil) throws(CheckEnd) -> Selection {
    try selection(in: try ask(Self.selecting, on: channel))
  }

  func selection(in answer: Answer) throws(CheckEnd) -> Selection {
    var fields = try fields(of: answer)
    if let field = fields.last, field.tag == Tag.pinTries.rawValue { fields.removeLast() }
    var expected: [(Tag, Int)] = [(.version, 3), (.name, 8)]
    if fields.count > 2 { expected += [(.challenge, 8), (.algorithm, 1)] }
    let values = try values(fields, expected)
    return Selection(
      version: values[0], identifier: values[1],
      lock: values.count > 2 ? (values[2], values[3][0]) : nil)
  }

  /// The data of VALIDATE.
  func proof(
    of secret: AccessSecret, for nonce: [UInt8], challenge: [UInt8] = randomBytes(8)
  ) -> Command {
    let fields = [Field(.response, secret.response(to: nonce)), Field(.challenge, challenge)]
    return Command(.validate, fields.bytes)
  }

  /// SELECT and VALIDATE, if the token is locked.
  func unlock(_ channel: ChannelID, with secret: AccessSecret) throws(CheckEnd) {
    guard let lock = try select(on: channel).lock else { return }
    let challenge = randomBytes(8)
    let answer = try values(
      proof(of: secret, for: lock.nonce, challenge: challenge),
      [(.response, secret.algorithm.digestSize)], on: channel)
    let expected = secret.response(to: challenge)
    try wire.require(answer[0] == expected, hexadecimal(expected), hexadecimal(answer[0]))
  }

  /// Opens a channel for commands, if the token has a password.
  func open(_ channel: ChannelID) throws(CheckEnd) {
    if let personKey { try unlock(channel, with: personKey) }
  }

  /// Runs `work` on a token that is locked, no channel having proved anything: by the person's own
  /// key, or by one that is set here and cleared afterwards.
  func locked(
    _ work: (AccessSecret) throws(CheckEnd) -> Void
  ) throws(CheckEnd) {
    if let personKey {
      for channel in [main, other, third] { try wire.resynchronize(channel) }
      try work(personKey)
      return try unlock(main, with: personKey)
    }
    let secret = AccessSecret(ownFor: try select().identifier)
    try setOwnKey(secret)
    try work(secret)
    try clearOwnKey()
  }

  /// A key of the suite's own, not yet set.
  func makeOwnKey() throws(CheckEnd) -> AccessSecret {
    guard personKey == nil else { throw .skipped("the token has a password") }
    return AccessSecret(ownFor: try select().identifier)
  }

  func setOwnKey(_ secret: AccessSecret) throws(CheckEnd) {
    ownKey = secret
    try perform(Command(.setCode, secret.data))
  }

  /// SET CODE over the suite's access key.
  func replaceOwnKey(_ old: AccessSecret, by new: AccessSecret) throws(CheckEnd) {
    let command = try proving(Command(.setCode, new.data), under: old)
    ownKey = new
    try perform(command)
  }

  /// Clears the suite's access key, if it is set.
  func clearOwnKey() throws(CheckEnd) {
    guard let secret = ownKey else { return }
    if try select().lock != nil {
      try perform(try proving(Command(.setCode, Field(.key, []).bytes), under: secret))
    }
    let selection = try select()
    try wire.require(selection.lock == nil, "no access key", "one")
    ownKey = nil
  }
}
