import Glibc
import JSON
import TokenClient

/// The tokens last seen, and the names of what was on them: so that a lost token's accounts can be
/// listed, and that a token which should ask for a password and does not is noticed.
///
/// It is a file of JSON in the person's state folder that only they can read (0600): an object with
/// `version`, 1, and `tokens`, an array of `InventoryEntry`. It is replaced whole, by a rename.
struct Inventory {
  private static let version = 1
  /// Largest file in bytes.
  private static let largest = 4 << 20
  /// Most tokens that are remembered; those without a password that were not seen for the longest
  /// have to go.
  static let mostTokens = 256

  private(set) var entries: [InventoryEntry] = []

  static func path() throws(FobError) -> String { try Folders.state() + "/inventory.json" }

  /// Reads the file; without one there is nothing to remember.
  init() throws(FobError) {
    let path = try Self.path()
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FobError(
        .badInput, "'\(Printable.text(path))' is not a plain file; remove it to begin anew.")
    }
    let text = String(
      decoding: Array(
        try TextFile.lines(of: path, largest: Self.largest, .ownToWrite).joined(separator: [
          UInt8(ascii: "\n")
        ])),
      as: UTF8.self)
    let json: JSON? = try? JSON.parse(text, limits: .init(size: Self.largest))
    guard json?["version"]?.integer == Self.version, let tokens = json?["tokens"]?.array else {
      throw FobError(
        .badInput,
        "'\(Printable.text(path))' is no inventory of this program's; remove it to begin anew.")
    }
    entries = tokens.compactMap(InventoryEntry.init)
  }

  /// Takes over what a token says, in place of what was known of it. A token that only claims another's
  /// serial number gets an entry of its own.
  ///
  /// - Parameter former: what it was known by before it was reset.
  mutating func note(_ entry: InventoryEntry, formerly former: InventoryEntry.Identity? = nil) {
    entries.removeAll {
      $0.identity.fits(entry.identity) || former.map($0.identity.fits) ?? false
    }
    entries.append(entry)
    // What had a password is not pushed out by what came since.
    entries.sort { ($0.hasPassword ? 1 : 0, $0.seen) > ($1.hasPassword ? 1 : 0, $1.seen) }
    entries.removeLast(max(0, entries.count - Self.mostTokens))
    entries.sort { ($0.serial, $0.token) < ($1.serial, $1.token) }
  }

  /// - Returns: whether there was a token of that serial number.
  mutating func forget(_ serial: String) -> Bool {
    let count = entries.count
    entries.removeAll { $0.serial == serial.lowercased() }
    return entries.count < count
  }

  /// What was seen last of a token with this serial number that had a password, if one had.
  func lastWithPassword(serial: String) -> InventoryEntry? {
    entries.filter { $0.serial == serial && $0.hasPassword }.max { $0.seen < $1.seen }
  }

  /// The other tokens that have something by the same name, by their serial numbers.
  func others(with name: String, than entry: InventoryEntry) -> [String] {
    entries.filter { $0.serial != entry.serial && $0.credentials.contains(name) }.map(\.serial)
  }

  /// Reads what is remembered, has `body` change it, and writes it; another `fob` waits meanwhile.
  @discardableResult
  static func update<Result>(
    _ body: (inout Inventory) throws(FobError) -> Result
  ) throws(FobError) -> Result {
    let folder = try Folders.state()
    try Folders.make(folder)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
      throw FobError(
        .badInput, "The folder '\(Printable.text(folder))' cannot be used: \(reason(errno)).")
    }
    defer { close(descriptor) }
    var inventory = try Inventory()
    let result = try body(&inventory)
    try inventory.write()
    return result
  }

  private func write() throws(FobError) {
    let json: JSON = [
      "version": .integer(Self.version), "tokens": .array(entries.map(\.json)),
    ]
    try TextFile.replace(Self.path(), with: json.indentedText + "\n")
  }

  /// Remembers what a command has seen or changed. What it was asked for is done by now, so that it is no failure
  /// when this does not work.
  static func note(_ connection: Connection, formerly former: InventoryEntry.Identity? = nil) {
    do throws(FobError) {
      let entry = try InventoryEntry(connection)
      try update { inventory throws(FobError) in inventory.note(entry, formerly: former) }
    } catch {
      connection.console.note(
        "fob: Warning: the inventory does not know of it. \(Printable.text(error.sentence))")
    }
  }
}
