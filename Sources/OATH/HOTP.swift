/// HOTP (RFC 4226): a code for a moving factor.
public enum HOTP {
  /// The 31 bits that codes of any length are cut from.
  public static func truncation(
    key: borrowing OATHKey, at factor: MovingFactor
  ) -> Truncation {
    key.truncation(of: factor.rawValue)
  }

  /// The code for one moving factor.
  public static func code(
    key: borrowing OATHKey, at factor: MovingFactor, digits: Digits
  ) -> Code {
    key.truncation(of: factor.rawValue).code(digits)
  }
}
