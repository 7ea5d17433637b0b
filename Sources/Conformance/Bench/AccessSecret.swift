import OATH
import TokenClient
import TokenCore

/// An access key: the person's, which opens the token, or one that the suite sets and clears.
struct AccessSecret {
  let key: [UInt8]
  let algorithm: HashAlgorithm
  /// Whether it is the person's.
  let isKept: Bool

  var kind: UInt8 { CredentialType.totp.rawValue | algorithm.rawValue }

  func response(to challenge: [UInt8]) -> [UInt8] {
    authenticationCode(of: challenge, key: key, algorithm)
  }

  /// The command with its own proof under this key: over the instruction, the nonce, and its data.
  func proving(_ command: Command, over nonce: [UInt8]) -> Command {
    var proved = command
    let proof = response(to: [command.instruction] + nonce + command.data)
    proved.data += Field(.proof, proof).bytes
    return proved
  }

  /// The data of SET CODE that makes this the token's access key.
  var data: [UInt8] {
    let challenge = randomBytes(8)
    return [
      Field(.key, [kind] + key), Field(.challenge, challenge),
      Field(.response, response(to: challenge)),
    ].bytes
  }
}

extension AccessSecret {
  /// The key that YKOATH clients make of a password: PBKDF2 with HMAC-SHA-1, 1000 rounds, the device
  /// identifier as the salt, 16 bytes.
  init(password: Span<UInt8>, identifier: [UInt8], isKept: Bool) {
    var key = [UInt8](repeating: 0, count: AccessKey.size)
    var span = key.mutableSpan
    PBKDF2<SHA1>.derive(password: password, salt: identifier.span, iterations: 1000, into: &span)
    self.init(key: key, algorithm: .sha1, isKept: isKept)
  }

  init(ownFor identifier: [UInt8]) {
    let password = Array(Suite.ownPassword.utf8)
    self.init(password: password.span, identifier: identifier, isKept: false)
  }
}
