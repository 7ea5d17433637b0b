import Glibc
import JSON
import TokenClient
import TokenCore

/// `fob devices`: the tokens there are to choose from.
enum Devices {
  /// A token that was found, or one that is chosen and not there.
  private struct Place {
    let choice: TokenChoice
    /// What the person writes to choose it.
    let text: String
    let isChosen: Bool
  }

  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let places = try places(invocation)
    let found = places.map { (place: $0, state: state(of: $0, console)) }
    if invocation.has(.json) {
      let objects = found.map { item in
        var object = item.state.json
        object["token"] = .string(item.place.text)
        object["chosen"] = .bool(item.place.isChosen)
        return object
      }
      return console.line(JSON.array(objects).indentedText)
    }
    console.line("Simulated tokens: software, no hardware.")
    if found.isEmpty {
      console.line("There are none yet; 'fob --token sim add' or 'enable' makes one.")
    }
    for (place, state) in found {
      console.line("  \(Printable.text(place.text))\(place.isChosen ? "  (chosen)" : "")")
      console.line("      \(state.sentence)")
    }
    console.line()
    console.line("Choose one with --token or FOB_TOKEN:")
    console.write(Wrapping.table(TokenChoice.kinds, width: min(console.width, 100)))
  }

  /// What is chosen, the person's own image, and the sockets of simulators.
  private static func places(_ invocation: Invocation) throws(FobError) -> [Place] {
    let isAnyChosen = invocation.has(.token) || Environment["FOB_TOKEN"] != nil
    let chosen = isAnyChosen ? try TokenChoice(invocation) : nil
    var places: [Place] = []
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
      guard entry.pointee.d_type == UInt8(DT_SOCK), !name.hasSuffix(SimRun.controlSuffix)
      else { continue }
      paths.append("\(folder)/\(name)")
    }
    return paths.sorted()
  }

  private struct State {
    let sentence: String
    let json: JSON
  }

  /// Asks the token what it is.
  private static func state(of place: Place, _ console: Console) -> State {
    do throws(FobError) {
      let connection = try Connection(to: place.choice, console)
      defer { connection.close() }
      let information = try connection.ask { session throws(TokenFailure) in
        try session.information()
      }
      let credentials = "\(information.stored) of \(information.capacity) credentials"
      let lock = information.isAccessKeySet ? ", with a password" : ""
      return State(
        sentence:
          "\(information.body.text), \(information.serialNumber.text), \(credentials)\(lock)",
        json: [
          "present": true, "body": .string(information.body.text),
          "serial": .string(information.serialNumber.text),
        ])
    } catch {
      return State(
        sentence: error.sentence, json: ["present": false, "reason": .string(error.sentence)])
    }
  }
}

extension Command {
  static let devices = Command(
    name: "devices", section: .token, summary: "List the tokens there are to choose from",
    details: [
      "Shows the token that is chosen, the simulated one in your data folder, and those that "
        + "'fob sim run' serves. None is used unless you choose it."
    ],
    options: [.json, .token],
    examples: [Example("fob devices", "See what --token and FOB_TOKEN can be")],
    statuses: [.noToken],
    run: Devices.run)
}
