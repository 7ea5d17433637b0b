import OATH

/// A new credential that is kept for later, such as until a site has taken its key: the key lies in memory
/// only combined with a random mask of its length, and is whole for as long as a command is made of it.
public final class MaskedCredential: Sendable {
  /// Its key is `mask` added to the true one, bit by bit.
  private let masked: NewCredential
  private let mask: SecretBytes

  public var name: Credential.Name { masked.name }

  /// - Parameter credential: nothing else may refer to it, for its key to be gone afterwards.
  public init(_ credential: NewCredential) {
    let mask = SecretBytes(capacity: credential.key.count)
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<credential.key.count { mask.append(generator.next()) }
    self.mask = mask
    masked = credential.withKey(credential.key.combined(with: mask))
  }

  /// The credential as it was, after that many of its codes were computed. Whoever has it lets go of it soon.
  public func credential(advancedBy codes: UInt32 = 0) -> NewCredential {
    masked.withKey(masked.key.combined(with: mask)).advanced(by: codes)
  }
}

extension SecretBytes {
  /// The exclusive or with as many bytes.
  fileprivate func combined(with mask: SecretBytes) -> SecretBytes {
    precondition(mask.count == count)
    let sum = SecretBytes(capacity: count)
    for index in 0..<count { sum.append(self[index] ^ mask[index]) }
    return sum
  }
}
