/// The path of an `otpauth:` address: whose account it is, and perhaps who it is with.
///
/// The format wants "account" or "issuer:account", with neither of them holding a colon. Issuers
/// that do are found in the wild (127.0.0.1:8102), some with the separating colon bare and their
/// own escaped, some with a space after the separating one, and some with neither.
struct AccountLabel {
  /// Nil if there is none, never empty.
  let issuer: String?
  let account: String

  init(issuer: String?, account: String) {
    self.issuer = issuer == "" ? nil : issuer
    self.account = account
  }

  /// Divides a path as it stands in the address, `issuer` being the value of the parameter of
  /// this name, which takes precedence.
  ///
  /// Where the path starts with that issuer and a colon, the rest is the account. Else bare
  /// colons are preferred to escaped ones, then one with a space after it to those without, then
  /// the last one. What stands before the colon is the issuer if the parameter gives none.
  init(parsing path: ArraySlice<UInt8>, issuer: String?) throws(PercentEncoding.Failure) {
    let whole = Self.trimmed(try PercentEncoding.string(of: path))
    if let issuer, !issuer.isEmpty {
      for spelling in [issuer, issuer.replacingSpaces(with: "+")] {
        if let account = whole.droppingPrefix("\(spelling):") {
          self.init(issuer: issuer, account: Self.trimmed(account))
          return
        }
      }
    }

    let bare = try Self.divisions(of: path, at: Array(":".utf8))
    let divisions = try bare.isEmpty ? Self.divisions(of: path, at: Array("%3a".utf8)) : bare
    guard let division = divisions.first(where: { $0.account.first == " " }) ?? divisions.last
    else {
      self.init(issuer: issuer, account: whole)
      return
    }
    let named = Self.trimmed(division.issuer)
    self.init(
      issuer: issuer == nil || issuer == "" ? named : issuer,
      account: Self.trimmed(division.account))
  }

  /// The path as it is written: one bare colon between the two, theirs escaped. An account with a
  /// colon and without an issuer gets the bare colon as well, so that it is not divided.
  var text: String {
    let escaped = PercentEncoding.encode(account)
    if let issuer { return "\(PercentEncoding.encode(issuer)):\(escaped)" }
    return account.utf8.contains(UInt8(ascii: ":")) ? ":\(escaped)" : escaped
  }

  /// The path divided at each place where `separator` occurs, which is in lower case.
  private static func divisions(
    of path: ArraySlice<UInt8>, at separator: [UInt8]
  ) throws(PercentEncoding.Failure) -> [(issuer: String, account: String)] {
    var divisions: [(issuer: String, account: String)] = []
    for index in path.indices {
      let rest = path[index...]
      guard rest.prefix(separator.count).map(ASCII.lowercased) == separator else { continue }
      divisions.append(
        (
          issuer: try PercentEncoding.string(of: path[..<index]),
          account: try PercentEncoding.string(of: rest.dropFirst(separator.count))
        ))
    }
    return divisions
  }

  /// Without the spaces around it.
  static func trimmed(_ text: some StringProtocol) -> String {
    let start = text.drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }
}

extension String {
  /// The rest of a string that starts with `prefix`, compared byte by byte.
  fileprivate func droppingPrefix(_ prefix: String) -> Substring? {
    guard utf8.starts(with: prefix.utf8) else { return nil }
    return Substring(utf8.dropFirst(prefix.utf8.count))
  }

  fileprivate func replacingSpaces(with character: Character) -> String {
    String(map { $0 == " " ? character : $0 })
  }
}
