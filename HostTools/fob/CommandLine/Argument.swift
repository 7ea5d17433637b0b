/// A word of a command line that is not an option.
struct Argument: Sendable {
  /// In capitals, as the help shows it: `NAME`.
  let name: String
  let summary: String
  var kind = ValueKind.text
  var isOptional = false
  /// Takes this word and every one after it, options or not: a command to run.
  var takesRest = false

  var usage: String {
    let text = takesRest ? "-- \(name)…" : name
    return isOptional ? "[\(text)]" : text
  }

  /// A credential that is on the token.
  static let existingName = Argument(
    name: "NAME", summary: "the credential, as 'fob list' shows it", kind: .credential)
}
