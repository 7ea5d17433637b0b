/// Where a request comes from: shown in the list of sessions, and what tries are counted by besides
/// the account.
public struct Client: Equatable, Sendable {
  /// The network address, as text; empty: not known, and not counted by.
  public let address: String
  /// What the program says that it is: a browser's User-Agent.
  public let agent: String

  /// Control characters are dropped, and what is longer than 64 and 200 characters is cut.
  public init(address: String, agent: String) {
    self.address = Self.line(address, most: 64)
    self.agent = Self.line(agent, most: 200)
  }

  /// A caller in this process.
  public static let unknown = Client(address: "", agent: "")

  private static func line(_ text: String, most: Int) -> String {
    var line = ""
    for scalar in text.unicodeScalars.prefix(most)
    where scalar.properties.generalCategory != .control {
      line.unicodeScalars.append(scalar)
    }
    return line
  }
}
