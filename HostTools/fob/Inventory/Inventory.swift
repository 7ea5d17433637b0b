import Glibc
import JSON

/// The tokens last seen, and the names of what was on them: so that a lost token's accounts can be
/// listed.
///
/// It is a file of JSON in the person's state folder that only they can read (0600): an object with
/// `version`, 1, and `tokens`, an array of `InventoryEntry`. It is replaced whole, by a rename.
struct Inventory {
  private static let version = 1
  private(set) var entries: [InventoryEntry] = []

  static func path() throws(FobError) -> String { try Folders.state() + "/inventory.json" }

  /// Reads the file; without one there is nothing to remember.
  init() throws(FobError) {
    let path = try Self.path()
    guard access(path, F_OK) == 0 else { return }
    let text = String(
      decoding: Array(try TextFile.lines(of: path).joined(separator: [UInt8(ascii: "\n")])),
      as: UTF8.self)
    let json: JSON? = try? JSON.parse(text)
    guard json?["version"]?.integer == Self.version, let tokens = json?["tokens"]?.array else {
      throw FobError(
        .badInput,
        "'\(Printable.text(path))' is no inventory of this program's; remove it to begin anew.")
    }
    entries = tokens.compactMap(InventoryEntry.init)
  }

  /// Takes over what a token says, in place of what was known of it.
  mutating func note(_ entry: InventoryEntry) {
    entries.removeAll { $0.serial == entry.serial }
    entries.append(entry)
    entries.sort { $0.serial < $1.serial }
  }

  /// - Returns: whether there was a token of that serial number.
  mutating func forget(_ serial: String) -> Bool {
    let count = entries.count
    entries.removeAll { $0.serial == serial.lowercased() }
    return entries.count < count
  }

  /// The other tokens that have something by the same name, by their serial numbers.
  func others(with name: String, than entry: InventoryEntry) -> [String] {
    entries.filter { $0.serial != entry.serial && $0.credentials.contains(name) }.map(\.serial)
  }

  func write() throws(FobError) {
    let path = try Self.path()
    let json: JSON = [
      "version": .integer(Self.version), "tokens": .array(entries.map(\.json)),
    ]
    try Folders.make(Folders.state())
    try TextFile.replace(path, with: json.indentedText + "\n")
  }

  /// Remembers what a command has seen or changed. What it was asked for is done by now, so that it is no failure
  /// when this does not work.
  static func note(_ connection: Connection) {
    do throws(FobError) {
      var inventory = try Inventory()
      inventory.note(try InventoryEntry(connection))
      try inventory.write()
    } catch {
      connection.console.note(
        "fob: Warning: the inventory does not know of it. \(Printable.text(error.sentence))")
    }
  }
}
