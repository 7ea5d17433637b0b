/// A refusal: the exit status for scripts, and one sentence for the person.
struct FobError: Error, Equatable {
  let status: ExitStatus
  /// Names the cause and the way out; never holds a secret. Empty where nothing has to be said,
  /// as after Ctrl-C.
  let sentence: String

  init(_ status: ExitStatus, _ sentence: String) {
    self.status = status
    self.sentence = sentence
  }
}
