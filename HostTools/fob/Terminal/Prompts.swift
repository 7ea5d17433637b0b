import Glibc

/// Questions to the person. With no terminal the answers are read from standard input, line by
/// line, and where that has ended the question is an error: nothing ever waits for somebody who
/// is not there.
extension Console {
  /// Asks for one line.
  ///
  /// - Parameter otherwise: how to do without the question, as the end of an error's sentence.
  func answer(to question: String, otherwise: String) throws(FobError) -> String {
    ask(question + " ")
    let line: [UInt8]?
    do throws(FobError) {
      line = try SignalHold.during { () throws(FobError) in try input.line() }
    } catch {
      ask("\n")
      throw error
    }
    // On a terminal the person has ended the line.
    if !isInteractive || line == nil { ask("\n") }
    guard let line else {
      throw FobError(.notConfirmed, "Standard input ended before the answer; \(otherwise).")
    }
    return Printable.trimmed(String(decoding: line, as: UTF8.self))
  }

  /// Asks until the answer is yes or no; anything else is asked again on a terminal, and is no
  /// answer at all without one.
  func confirm(_ question: String, otherwise: String) throws(FobError) -> Bool {
    while true {
      switch try answer(to: "\(question) [yes/no]", otherwise: otherwise).lowercased() {
      case "y", "yes": return true
      case "n", "no": return false
      default:
        guard isInteractive else {
          throw FobError(.notConfirmed, "The answer was neither yes nor no.")
        }
      }
    }
  }

  /// Asks for a word that is not typed by accident, such as DISABLE.
  func confirm(typing word: String, to purpose: String, otherwise: String) throws(FobError) {
    let answer = try answer(to: "Type \(word) to \(purpose):", otherwise: otherwise)
    guard answer == word else {
      throw FobError(.notConfirmed, "\(word) was not typed, so nothing has changed.")
    }
  }

  /// Reads a secret of one line, on a terminal without echo.
  func secret(_ prompt: String, otherwise: String) throws(FobError) -> [UInt8] {
    let line: [UInt8]?
    if isatty(STDIN_FILENO) == 1 {
      line = try Echo.off { () throws(FobError) in
        // Not before the echo is off: somebody, or something, may answer at once.
        ask(prompt + " ")
        defer { ask("\n") }
        return try input.line()
      }
    } else {
      line = try input.line()
    }
    guard let line, !line.isEmpty else {
      throw FobError(.badInput, "Nothing was given on standard input; \(otherwise).")
    }
    return line
  }
}
