import HIDAPITransport
import TokenClient
import TokenCore

extension TokenChoice {
  /// The token that is plugged in, when there is exactly one.
  static func onlyOneOnUSB() throws(FobError) -> TokenChoice {
    // A machine without USB has no token there, whatever the reason.
    let tokens = (try? USBToken.all()) ?? []
    switch tokens.count {
    case 0:
      throw noneChosen
    case 1:
      return .pluggedIn(serialNumber: tokens[0].serialNumber)
    default:
      let places = tokens.map(\.place).joined(separator: ", ")
      throw FobError(
        .noToken,
        "Several tokens are plugged in; say --token with one of \(places), or set FOB_TOKEN to it.")
    }
  }

  /// Whether a person has to choose this token before it is used: nobody shall take a simulation
  /// for a thing one can hold, and it is easily plugged in by another program.
  func requireChoice(of body: Body) throws(FobError) {
    guard case .pluggedIn = self, body != .hardware else { return }
    throw FobError(
      .noToken,
      "The only token that is plugged in says that it is \(body.text), and such a token is used only "
        + "when it is chosen: say --token \(Printable.text(text)), or set FOB_TOKEN to it.")
  }
}
