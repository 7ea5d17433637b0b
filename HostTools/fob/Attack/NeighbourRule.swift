/// Rules about whose a proof is, on a token that two programs of one computer talk to.
///
/// All of them are the same core on the simulated board. In front of it, the two that are not Watchfob's
/// have what other firmware does (`OlderFirmware`).
enum NeighbourRule: String, CaseIterable {
  case numbered = "channels 1, 2, 3"
  case random = "random channels"
  case watchfob = "Watchfob"

  var summary: String {
    switch self {
    case .numbered:
      "channels are numbered, a proof never ends and holds for every command, RESET needs nothing"
    case .random: "the same, with channel numbers that nobody can guess"
    case .watchfob:
      "channel numbers are random, a proof ends with its program, changes of the password, the PIN and "
        + "the clock carry a proof of their own, and RESET waits for the button"
    }
  }

  var isWatchfob: Bool { self == .watchfob }
}
