import Foundation

/// Debian's chromium-driver, one for all tests.
enum Driver {
  static let program = "/usr/bin/chromedriver"
  static let browser = "/usr/bin/chromium"

  static var isInstalled: Bool {
    [program, browser].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static let running = Result {
    let process = try Leash([program, "--port=0"])
    let port = try process.line("the driver's port") { line in
      line.firstMatch(of: /started successfully on port ([0-9]+)/).flatMap { UInt16($0.1) }
    }
    return (process, DriverWire(port: port))
  }

  static func wire() throws -> DriverWire { try running.get().1 }
}
