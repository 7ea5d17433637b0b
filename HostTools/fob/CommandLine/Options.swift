/// The options that several commands share.
extension Option {
  static let token = Option(
    "token", value: "TOKEN",
    "the token to use: \(TokenChoice.list); FOB_TOKEN if this is not given")
  static let passwordFile = Option(
    "password-file", value: "FILE", kind: .file,
    "a file with the token's password in its first line, which only you can read (chmod 600); '-' is "
      + "standard input")
  static let pinFile = Option(
    "pin-file", value: "FILE", kind: .file,
    "a file with the token's PIN in its first line, which only you can read (chmod 600); '-' is "
      + "standard input")
  static let help = Option("help", letter: "h", "explain this command")
  static let version = Option("version", "print the version")
  static let json = Option("json", "print JSON")
  static let yes = Option("yes", letter: "y", "take every question as answered with yes")

  static let temperature = Option(
    "temperature", value: "CELSIUS", "the token's temperature meanwhile, 25 if this is not given")

  /// What every command that talks to a token takes.
  static let connection: [Option] = [.token, .passwordFile, .pinFile]
}

/// The options that say what a new credential is.
extension Option {
  static let qr = Option(
    "qr", value: "FILE", kind: .file, "a PNG or JPEG picture of the QR code that the site shows")
  static let uri = Option(
    "uri", value: "-", kind: .standardInput, "the otpauth:// URI, from standard input")
  static let uriFile = Option(
    "uri-file", value: "FILE", kind: .file,
    "a file with the otpauth:// URI in its first line, which only you can read (chmod 600)")
  static let key = Option(
    "key", value: "-", kind: .standardInput,
    "the key as text (Base32), from standard input; NAME is needed then")
  static let pick = Option(
    "pick", value: "N", kind: .number(1...999),
    "the Nth of several QR codes in the picture", needs: ["qr"])
  static let algorithm = Option(
    "algorithm", value: "NAME", kind: .choice(["sha1", "sha256", "sha512"]),
    "the hash function, sha1 if the site does not say", needs: ["key"])
  static let digits = Option(
    "digits", value: "N", kind: .number(6...10), "digits of a code, 6 if the site does not say",
    needs: ["key"])
  static let period = Option(
    "period", value: "SECONDS", kind: .number(1...86400),
    "how long a code lives, 30 if the site does not say", needs: ["key"], excludes: ["hotp"])
  static let hotp = Option(
    "hotp", "count codes (RFC 4226) and not time (RFC 6238)", needs: ["key"])
  static let counter = Option(
    "counter", value: "N", kind: .number(0...UInt64(UInt32.max)),
    "where counting starts, 0 if the site does not say", needs: ["hotp"])
  static let touch = Option("touch", "give codes out only after the token's button is pressed")

  /// Where the secret comes from: exactly one of them.
  static let sources: [Option] = [.qr, .uri, .uriFile, .key]
  /// What goes with a source.
  static let description: [Option] = [
    .pick, .algorithm, .digits, .period, .hotp, .counter, .touch,
  ]
}
