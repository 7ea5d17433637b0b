import Glibc
import OATH
import TokenClient

/// Passwords of tokens: read from a file, from standard input, or from the person.
enum Password {
  /// Longest password in bytes.
  static let longest = 1024

  /// The password of a token that is locked.
  static func current(
    _ invocation: Invocation, _ console: Console
  ) throws(FobError) -> SecretBytes {
    if let file = invocation.text(.passwordFile) { return try read(file, console) }
    guard console.isInteractive else {
      throw FobError(
        .locked, "The token is locked; give its password with --password-file FILE.")
    }
    return try checked(console.secret("Password of the token:", otherwise: "a password is needed"))
  }

  /// The first line of a file; '-' is standard input.
  static func read(_ file: String, _ console: Console) throws(FobError) -> SecretBytes {
    guard file != "-" else {
      return try checked(
        console.secret("Password:", otherwise: "a password is expected there in one line"))
    }
    return try checked(TextFile.firstLine(of: file))
  }

  /// A new password: twice the same on a terminal, once from a pipe.
  static func new(_ console: Console) throws(FobError) -> SecretBytes {
    let first = try console.secret("New password:", otherwise: "a password is expected in one line")
    if isatty(STDIN_FILENO) == 1 {
      var second = try console.secret("The same again:", otherwise: "nothing was changed")
      defer { wipe(&second) }
      guard first == second else {
        throw FobError(.badInput, "The two passwords differ; nothing was changed.")
      }
    }
    return try checked(first)
  }

  private static func checked(_ line: [UInt8]) throws(FobError) -> SecretBytes {
    var bytes = line
    guard !bytes.isEmpty else { throw FobError(.badInput, "The password is empty.") }
    guard bytes.count <= longest else {
      wipe(&bytes)
      throw FobError(.badInput, "The password is longer than \(longest) bytes.")
    }
    return SecretBytes(taking: &bytes)
  }
}
