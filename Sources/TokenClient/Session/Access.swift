import OATH
import TokenCore

/// The access key: without it, a token that has one does not say what it holds.
extension TokenSession {
  /// The access key that a password stands for on this token.
  public func accessKey(password: SecretBytes) throws(TokenFailure) -> AccessKey {
    let selection = if let selection { selection } else { try select() }
    return try AccessKey(password: password, for: selection.identifier)
  }

  /// Proves to the token that this host knows the key, and has the token prove the same. The session
  /// keeps the key, in bytes that are wiped, and proves it again by itself when the proof ends.
  ///
  /// - Throws: `noPasswordAsked` when no key is set; `wrongAccessKey`, `impostor`.
  public func validate(_ key: AccessKey) throws(TokenFailure) {
    guard let lock = try select().lock else {
      throw .noPasswordAsked(place: framing.transport.place)
    }
    guard lock.algorithm == AccessKey.kind.algorithm else {
      throw .nonsense("its access key is of a kind that no password leads to")
    }
    let challenge = Self.freshChallenge()
    let command = CommandAPDU(.validate)
    command.append(.response, key.response(to: lock.nonce))
    command.append(.challenge, challenge)
    var fields = try perform(command)

    let size = AccessKey.kind.algorithm.digestSize
    let proof = try fields.value(of: .response, size...size)
    try fields.end()
    let expected = key.response(to: challenge)
    guard ConstantTime.equal(proof.span, expected.span) else { throw .impostor }
    noteProof(of: key)
  }

  /// Sets the access key, or replaces the one that this session has proved, and proves it.
  ///
  /// - Parameter pin: for a token that has a PIN and no access key; it waits for its button then.
  /// - Throws: `locked`, `pinNeeded`, `wrongPIN`, `pinBlocked`.
  public func setAccessKey(_ key: AccessKey, pin: UserPIN? = nil) throws(TokenFailure) {
    let challenge = Self.freshChallenge()
    let command = CommandAPDU(.setCode)
    command.begin(.key, length: 1 + key.bytes.count)
    command.appendRaw(AccessKey.kind.rawValue)
    command.appendRaw(key.bytes)
    command.append(.challenge, challenge)
    command.append(.response, key.response(to: challenge))
    try performQuietly(authorized(command, pin: pin))
    // What it says is not taken on trust: it has to ask for the key now, and to know it.
    do throws(TokenFailure) {
      try validate(key)
    } catch .noPasswordAsked {
      throw .nonsense("it says that it has the password, and does not ask for it")
    }
  }

  /// Removes the access key that this session has proved: whoever holds the token may ask it for
  /// codes.
  public func clearAccessKey() throws(TokenFailure) {
    let command = CommandAPDU(.setCode)
    command.append(.key, [])
    try performQuietly(authorized(command))
    guard try select().lock == nil else {
      throw .nonsense("it says that its password is gone, and asks for it")
    }
  }

  /// Eight bytes from the system's generator, getrandom(2).
  private static func freshChallenge() -> [UInt8] {
    bigEndian(Int64.random(in: .min ... .max))
  }
}
