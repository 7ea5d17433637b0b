import Conformance
import TokenClient

/// The hands of a person who is asked.
final class PersonHands: Hands {
  private let console: Console
  private let stop: Stop
  /// What the person was told about the button last.
  private var told: String?

  /// How long the system may take to see a token that was plugged in.
  private static let patience = Duration.seconds(10)

  init(_ console: Console, _ stop: Stop) {
    self.console = console
    self.stop = stop
  }

  func pressButton() throws(Unable) {
    tell("Press the token's button whenever it asks for it.")
  }

  func leaveButton() throws(Unable) {
    tell("Leave the token's button alone.")
  }

  func replug(_ transport: any TokenTransport, holdsCredentials: Bool) throws(Unable) {
    let warning =
      holdsCredentials
      ? " (If it has no battery its clock stops then, and needs the password to go on: skip this.)"
      : ""
    let question =
      "\nPull the token out and plug it in again, then press Enter; or type 'skip'.\(warning)"
    let answer: String
    do throws(FobError) {
      answer = try console.answer(to: question, otherwise: "press Enter there")
    } catch {
      if error.status == .interrupted { stop.ask() }
      throw Unable("nobody pulled the cable")
    }
    guard answer.isEmpty else { throw Unable("the cable was left where it is") }
    transport.close()
    try transport.reopen(within: Self.patience) { stop.isAsked }
  }

  func letGo() {}

  /// Said once, until something else is.
  private func tell(_ sentence: String) {
    guard told != sentence else { return }
    told = sentence
    console.note("\n\(sentence)")
  }
}
