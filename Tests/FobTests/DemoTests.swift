import Foundation
import Testing

@Suite("The demo")
struct DemoTests {
  @Test("goes through every flow to the end, and leaves nothing behind")
  func everyFlow() throws {
    let desk = try Desk()
    let outcome = try desk.run("demo", token: nil)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let headings = outcome.output.split(separator: "\n").filter { $0.hasPrefix("== ") }
    #expect(
      headings.map { $0.dropFirst(3).trimmingCharacters(in: .whitespaces) } == [
        "Enable MFA", "Log in", "Update MFA", "Regain access with a backup code", "Disable MFA",
        "Regain access with neither token nor backup codes", "And nobody turns the clock",
        "That was all",
      ])
    #expect(outcome.output.hasPrefix("Simulated: "))
    #expect(!FileManager.default.fileExists(atPath: desk.image))
  }
}
