/// What people call a browser, from the long line in which it describes itself. The line is the
/// browser's own claim; this is for recognising a session, and for nothing else.
enum BrowserName {
  /// The first that is found names it: browsers also name those that they want to be taken for.
  private static let browsers = [
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"), ("curl", "curl"),
  ]
  private static let systems = [
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
  ]

  static func of(_ agent: String) -> String {
    func name(_ names: [(mark: String, name: String)]) -> String? {
      names.first { agent.contains($0.mark) }?.name
    }
    guard let browser = name(browsers) else { return agent.isEmpty ? "unknown" : agent }
    return name(systems).map { "\(browser) on \($0)" } ?? browser
  }
}
