/// How a TOTP secret, which has to be had again to verify a code, is kept in the database.
///
/// The one way so far keeps it as it is and relies on the file's mode (0600). The number is stored
/// with each secret, so that encryption under a key file can be added beside it: a case here, and
/// its two directions below.
enum SecretSealing: Int {
  case none = 0

  /// What new secrets are stored with.
  static let current = SecretSealing.none

  func seal(_ secret: [UInt8]) -> [UInt8] {
    switch self {
    case .none: secret
    }
  }

  func open(_ sealed: SecretBytes) -> SecretBytes {
    switch self {
    case .none: sealed
    }
  }
}
