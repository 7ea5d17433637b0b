import Glibc
import OATH
import TokenClient

/// PINs of tokens: read from a file, from standard input, or from the person.
enum PINEntry {
  /// The PIN that a token has.
  ///
  /// - Parameter title: the token as a prompt names it.
  static func current(
    _ invocation: Invocation, _ console: Console, of title: String
  ) throws(FobError) -> UserPIN {
    var line: [UInt8]
    switch invocation.text(.pinFile) {
    case "-"?:
      line = try console.secret(
        "PIN of \(title):", otherwise: "a PIN is expected there in one line")
    case let file?: line = try TextFile.firstLine(of: file)
    case nil:
      guard console.isInteractive else {
        throw FobError(.locked, "\(title) has a PIN; give it with --pin-file FILE.")
      }
      line = try console.secret("PIN of \(title):", otherwise: "a PIN is needed")
    }
    return try pin(&line)
  }

  /// A new PIN: twice the same on a terminal, once from a pipe.
  static func new(_ console: Console, of title: String) throws(FobError) -> UserPIN {
    var first = try console.secret(
      "New PIN of \(title):", otherwise: "a PIN is expected in one line")
    if isatty(STDIN_FILENO) == 1 {
      var second = try console.secret("The same again:", otherwise: "nothing was changed")
      defer { wipe(&second) }
      guard first == second else {
        wipe(&first)
        throw FobError(.badInput, "The two PINs differ; nothing was changed.")
      }
    }
    return try pin(&first)
  }

  /// Takes the bytes over; `line` has to be the only reference to them.
  private static func pin(_ line: inout [UInt8]) throws(FobError) -> UserPIN {
    do throws(TokenFailure) {
      return try UserPIN(SecretBytes(taking: &line))
    } catch {
      throw FobError(error)
    }
  }
}
