import Glibc
import HIDAPITransport
import JSON
import TokenClient
import TokenCore

/// `fob devices`: the tokens there are to choose from.
enum Devices {
  /// A token that was found, or one that is chosen and not there.
  struct Place {
    let choice: TokenChoice
    /// What the person writes to choose it.
    let text: String
    let isChosen: Bool

    var isOnUSB: Bool {
      if case .usb = choice { true } else { false }
    }
  }

  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let places = try places(invocation)
    let found = try places.map { place throws(FobError) in
      (place: place, state: try state(of: place, console))
    }
    if invocation.has(.json) {
      let objects = found.map { item in
        var object = item.state.json
        object["token"] = .string(item.place.text)
        object["chosen"] = .bool(item.place.isChosen)
        return object
      }
      return console.line(JSON.array(objects).indentedText)
    }
    func show(_ item: (place: Place, state: State)) {
      let mark = item.place.isChosen ? "  (chosen)" : ""
      console.line("  \(Printable.text(item.place.text))\(mark)")
      console.line("      \(item.state.sentence)")
    }
    let onUSB = found.filter(\.place.isOnUSB)
    if !onUSB.isEmpty {
      console.line("Tokens on USB, and whether they say that they are hardware or simulated.")
      onUSB.forEach(show)
      console.line()
    }
    console.line("Simulated tokens: software, no hardware.")
    let simulated = found.filter { !$0.place.isOnUSB }
    if simulated.isEmpty {
      console.line("There are none yet; 'fob --token sim add' or 'enable' makes one.")
    }
    simulated.forEach(show)
    let folder = Folders.sockets()
    if let reason = SocketTrust.objection(toFolder: folder) {
      console.line(
        "Sockets in \(Printable.text(folder)) are not listed: \(Printable.text(reason)).")
    }
    console.line()
    console.line("Choose one with --token or FOB_TOKEN:")
    console.write(Wrapping.table(TokenChoice.kinds, width: min(console.width, 100)))
  }

  /// What is plugged in, the person's own image, the sockets of simulators, and what is chosen.
  static func places(_ invocation: Invocation) throws(FobError) -> [Place] {
    let chosen = try TokenChoice.explicit(in: invocation)
    var places = onUSB(chosen)
    if let own = try? Folders.data() + "/token.image" {
      let choice = TokenChoice.image(path: own)
      if choice == chosen || access(own, F_OK) == 0 {
        places.append(Place(choice: choice, text: "sim", isChosen: choice == chosen))
      }
    }
    for path in sockets() {
      let choice = TokenChoice.socket(path: path)
      places.append(Place(choice: choice, text: choice.text, isChosen: choice == chosen))
    }
    if let chosen, !places.contains(where: \.isChosen) {
      places.append(Place(choice: chosen, text: chosen.text, isChosen: true))
    }
    return places
  }

  private static func onUSB(_ chosen: TokenChoice?) -> [Place] {
    let tokens = (try? USBToken.all()) ?? []
    return tokens.map { token in
      let isChosen =
        switch chosen {
        case .usb(nil): tokens.count == 1
        case .usb(let number?): number.lowercased() == token.serialNumber?.lowercased()
        default: false
        }
      return Place(
        choice: .usb(serialNumber: token.serialNumber), text: token.place, isChosen: isChosen)
    }
  }

  /// The wires of simulators in the usual folder, sorted.
  private static func sockets() -> [String] {
    let folder = Folders.sockets()
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var paths: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let path = "\(folder)/\(name)"
      // Another user's socket is not offered, not even as one that cannot be used.
      guard entry.pointee.d_type == UInt8(DT_SOCK), !name.hasSuffix(SimRun.controlSuffix),
        SocketTrust.objection(to: path) == nil
      else { continue }
      paths.append(path)
    }
    return paths.sorted()
  }

  private struct State {
    let sentence: String
    let json: JSON
  }

  /// Asks the token what it is.
  private static func state(
    of place: Place, _ console: Console
  ) throws(FobError) -> State {
    do throws(FobError) {
      let connection = try Connection(to: place.choice, console)
      defer { connection.close() }
      let information = try connection.ask { session throws(TokenFailure) in
        try session.information()
      }
      let credentials = "\(information.stored) of \(information.capacity) credentials"
      let lock = information.isAccessKeySet ? ", with a password" : ""
      let body = place.choice.body(claimed: information.body).text
      return State(
        sentence: "\(body), \(information.serialNumber.text), \(credentials)\(lock)",
        json: [
          "present": true, "body": .string(body),
          "serial": .string(information.serialNumber.text),
        ])
    } catch {
      guard error.status != .interrupted else { throw error }
      return State(
        sentence: error.sentence, json: ["present": false, "reason": .string(error.sentence)])
    }
  }
}

extension Command {
  static let devices = Command(
    name: "devices", section: .token, summary: "List the tokens there are to choose from",
    details: [
      "Shows the tokens on USB, the simulated one in your data folder, those that 'fob sim run' "
        + "serves, and the token that is chosen. A simulated one is used only when it is chosen."
    ],
    options: [.json, .token],
    examples: [Example("fob devices", "See what --token and FOB_TOKEN can be")],
    statuses: [.noToken],
    run: Devices.run)
}
