import Enrollment
import OATH
import TokenClient

/// An address on its way from the process that read it: numbers of eight bytes, each name and the secret
/// behind its length.
enum AddressMessage {
  static func bytes(of address: OTPAuthURI) -> [UInt8] {
    var bytes: [UInt8] = []
    let (isCounting, counter): (Bool, UInt64) =
      switch address.kind {
      case .totp: (false, 0)
      case .hotp(let counter): (true, counter)
      }
    for number in [
      isCounting ? 1 : 0, counter, UInt64(address.algorithm.rawValue),
      UInt64(address.digits.rawValue), UInt64(address.period.rawValue),
    ] {
      append(number, to: &bytes)
    }
    for part in [Array((address.issuer ?? "").utf8), Array(address.account.utf8), address.secret] {
      append(UInt64(part.count), to: &bytes)
      bytes += part
    }
    return bytes
  }

  /// - Returns: `nil` for what `bytes(of:)` never made.
  static func address(in message: SecretBytes) -> OTPAuthURI? {
    message.withBytes { bytes in
      var position = 0
      func number() -> UInt64? {
        guard bytes.count - position >= 8 else { return nil }
        position += 8
        return (position - 8..<position).reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) }
      }
      func part() -> [UInt8]? {
        guard let count = number(), count <= UInt64(bytes.count - position) else { return nil }
        position += Int(count)
        return (position - Int(count)..<position).map { bytes[$0] }
      }
      guard let isCounting = number(), let counter = number(),
        let algorithm = number().flatMap({ HashAlgorithm(rawValue: UInt8(truncatingIfNeeded: $0)) }
        ),
        let digits = number().flatMap({ Digits(rawValue: Int(truncatingIfNeeded: $0)) }),
        let period = number(), let issuer = part(), let account = part(), let secret = part(),
        position == bytes.count
      else { return nil }
      return OTPAuthURI(
        kind: isCounting == 1 ? .hotp(counter: counter) : .totp,
        issuer: String(decoding: issuer, as: UTF8.self),
        account: String(decoding: account, as: UTF8.self), secret: secret, algorithm: algorithm,
        digits: digits, period: Seconds(Int64(truncatingIfNeeded: period)))
    }
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
