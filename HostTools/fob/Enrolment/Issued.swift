import Enrollment
import OATH
import TokenClient
import TokenCore

/// What a site issued, from a QR picture, a URI or a typed key, and how the token is to keep it.
struct Issued {
  private(set) var address: OTPAuthURI

  /// Reads what the options name. Nothing on the token has been touched when this throws.
  ///
  /// - Parameter name: the person's name for it, which a typed key needs.
  init(_ invocation: Invocation, name: String?, _ console: Console) throws(FobError) {
    if let file = invocation.text(.qr) {
      let pick = invocation.number(.pick)
      address = try Self.apart { () throws(FobError) in
        try PictureReading.address(in: file, pick: pick)
      }
    } else if invocation.has(.key) {
      guard let name else {
        throw FobError(.usage, "--key needs a NAME as well: a key does not say whose it is.")
      }
      address = try Self.typed(invocation, name, console)
    } else {
      var line: [UInt8]
      if let file = invocation.text(.uriFile) {
        line = try TextFile.firstLine(of: file)
      } else {
        line = try console.secret(
          "otpauth:// URI (it is not shown):", otherwise: "the URI is expected there in one line")
      }
      defer { wipe(&line) }
      address = try Self.apart { () throws(FobError) in
        try Self.parse(String(decoding: line, as: UTF8.self))
      }
    }
  }

  /// The name that the credential gets: the person's, or else what the site calls it.
  func label(_ name: String?) throws(FobError) -> String {
    let label = name ?? address.label
    guard !label.isEmpty else {
      throw FobError(.usage, "The address does not say whose it is; give a NAME.")
    }
    // Typed in the wrong place, an address would be kept as a name, with its secret.
    guard !label.lowercased().hasPrefix("otpauth") else {
      throw FobError(
        .usage,
        "NAME is an address; hand addresses over with --uri - on standard input, since an "
          + "argument could be read by every program on this computer.")
    }
    guard !label.unicodeScalars.contains(where: Printable.isUnsafe) else {
      throw FobError(.badInput, "The name has characters that cannot be shown; choose another.")
    }
    return label
  }

  /// The name as the token keeps it, with the period.
  func credentialName(_ label: String) throws(FobError) -> Credential.Name {
    do throws(TokenFailure) {
      switch address.kind {
      case .totp: return try Credential.Name(label: label, period: address.period)
      case .hotp: return try Credential.Name(hotpLabel: label)
      }
    } catch {
      throw FobError(error)
    }
  }

  /// What is put on the token.
  mutating func credential(
    _ name: Credential.Name, touch: Bool
  ) throws(FobError) -> NewCredential {
    let counter: UInt64
    if case .hotp(let start) = address.kind { counter = start } else { counter = 0 }
    do throws(TokenFailure) {
      return try NewCredential(
        name: name, algorithm: address.algorithm, digits: address.digits,
        secret: SecretBytes(taking: &address.secret), properties: touch ? .touch : [],
        counter: counter)
    } catch {
      throw FobError(error)
    }
  }

  /// Has a process of its own read the address, since Swift gives no way to overwrite texts, nor the
  /// libraries one to overwrite what they have seen.
  private static func apart(
    _ read: () throws(FobError) -> OTPAuthURI
  ) throws(FobError) -> OTPAuthURI {
    let message = try SeparateProcess.run { () throws(FobError) in
      AddressMessage.bytes(of: try read())
    }
    guard let address = AddressMessage.address(in: message) else {
      throw FobError(.badInput, "The address cannot be read.")
    }
    return address
  }

  /// Overwrites the secret, if it was not handed on.
  mutating func wipeSecret() {
    wipe(&address.secret)
  }

  static func parse(_ text: String) throws(FobError) -> OTPAuthURI {
    do throws(OTPAuthURI.Failure) {
      return try OTPAuthURI(parsing: text)
    } catch {
      throw FobError(error)
    }
  }

  /// A key that the person types, and all else from the options.
  private static func typed(
    _ invocation: Invocation, _ name: String, _ console: Console
  ) throws(FobError) -> OTPAuthURI {
    var line = try console.secret(
      "Key (it is not shown):", otherwise: "the key is expected there in one line")
    defer { wipe(&line) }
    let key = try apart { () throws(FobError) in
      do throws(TypedKey.Failure) {
        let key = try TypedKey(parsing: String(decoding: line, as: UTF8.self))
        return OTPAuthURI(issuer: nil, account: "", secret: key.secret)
      } catch {
        throw FobError(error)
      }
    }
    // The parser took nothing else.
    let algorithm: HashAlgorithm =
      switch invocation.text(.algorithm) {
      case "sha256": .sha256
      case "sha512": .sha512
      default: .sha1
      }
    let digits = invocation.number(.digits).flatMap { Digits(rawValue: Int($0)) } ?? .six
    let period = invocation.number(.period).map { Seconds(Int64($0)) }
    return OTPAuthURI(
      kind: invocation.has(.hotp) ? .hotp(counter: invocation.number(.counter) ?? 0) : .totp,
      issuer: nil, account: name, secret: key.secret, algorithm: algorithm, digits: digits,
      period: period ?? OTPAuthURI.defaultPeriod)
  }
}
