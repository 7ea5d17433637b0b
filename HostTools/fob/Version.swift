/// The version of the tool, as `fob version` and the manual page give it.
enum Version {
  static let text = "0.1.0"
}
