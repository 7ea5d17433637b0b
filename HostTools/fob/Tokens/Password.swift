import Glibc
import OATH
import TokenClient

/// Passwords of tokens: read from a file, from standard input, or from the person.
enum Password {
  /// Longest password in bytes.
  static let longest = 1024

  /// The password of a token that is locked.
  ///
  /// - Parameter title: the token as a prompt names it.
  static func current(
    _ invocation: Invocation, _ console: Console, of title: String
  ) throws(FobError) -> SecretBytes {
    if let file = invocation.text(.passwordFile) { return try read(file, console, of: title) }
    guard console.isInteractive else {
      throw FobError(
        .locked, "\(title) is locked; give its password with --password-file FILE.")
    }
    var line = try console.secret("Password of \(title):", otherwise: "a password is needed")
    return try taken(&line)
  }

  /// The first line of a file; '-' is standard input.
  static func read(
    _ file: String, _ console: Console, of title: String
  ) throws(FobError) -> SecretBytes {
    guard file != "-" else {
      var line = try console.secret(
        "Password of \(title):", otherwise: "a password is expected there in one line")
      return try taken(&line)
    }
    var line = try TextFile.firstLine(of: file)
    return try taken(&line)
  }

  /// A new password: twice the same on a terminal, once from a pipe.
  static func new(_ console: Console, of title: String) throws(FobError) -> SecretBytes {
    var first = try console.secret(
      "New password of \(title):", otherwise: "a password is expected in one line")
    if isatty(STDIN_FILENO) == 1 {
      var second = try console.secret("The same again:", otherwise: "nothing was changed")
      defer { wipe(&second) }
      guard first == second else {
        wipe(&first)
        throw FobError(.badInput, "The two passwords differ; nothing was changed.")
      }
    }
    return try taken(&first)
  }

  /// Takes the bytes over; `bytes` has to be the only reference to them.
  private static func taken(_ bytes: inout [UInt8]) throws(FobError) -> SecretBytes {
    guard !bytes.isEmpty else { throw FobError(.badInput, "The password is empty.") }
    guard bytes.count <= longest else {
      wipe(&bytes)
      throw FobError(.badInput, "The password is longer than \(longest) bytes.")
    }
    return SecretBytes(taking: &bytes)
  }
}
