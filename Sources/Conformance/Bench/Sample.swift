import OATH
import TokenCore

/// A credential of the suite's own, with a key made for this run.
///
/// Its codes are computed here, by `OATH`; what the token says is held against that.
struct Sample {
  var name: [UInt8]
  var type = CredentialType.totp
  var algorithm = HashAlgorithm.sha1
  var digits: UInt8 = 6
  var key = randomBytes(20)
  var properties: CredentialProperties?
  var counter: UInt32?
  /// Of the name's prefix, in seconds.
  var period: UInt64 = 30

  var kind: UInt8 { CredentialKind(type: type, algorithm: algorithm).rawValue }

  var nameField: [UInt8] { Field(.name, name).bytes }

  /// The data of PUT and STAGE.
  var data: [UInt8] {
    var data = nameField + Field(.key, [kind, digits] + key).bytes
    if let properties { data += [Tag.property.rawValue, properties.rawValue] }
    if let counter { data += Field(.counter, bigEndian(counter)).bytes }
    return data
  }

  /// Its entry in a LIST that was asked for what each needs, on a token without a PIN: 1 for the button.
  var entry: [UInt8] { [kind] + name + [properties?.contains(.touch) == true ? 1 : 0] }

  /// The data of CALCULATE.
  func calculation(challenge: [UInt8] = []) -> [UInt8] {
    nameField + Field(.challenge, challenge).bytes
  }

  // MARK: Codes

  /// What `76` holds for a moving factor.
  func truncated(at factor: UInt64) -> [UInt8] {
    let key = OATHKey(algorithm: algorithm, secret: key.span)
    return [digits] + bigEndian(HOTP.truncation(key: key, at: MovingFactor(factor)).value)
  }

  /// What `75` holds for a moving factor.
  func full(at factor: UInt64) -> [UInt8] {
    [digits] + authenticationCode(of: bigEndian(factor), key: key, algorithm)
  }
}

/// HMAC.
func authenticationCode(
  of message: [UInt8], key: [UInt8], _ algorithm: HashAlgorithm
) -> [UInt8] {
  let key = OATHKey(algorithm: algorithm, secret: key.span)
  var code = [UInt8](repeating: 0, count: HashAlgorithm.largestDigestSize)
  var span = code.mutableSpan
  let size = key.authenticationCode(of: message.span, into: &span)
  return Array(code.prefix(size))
}
