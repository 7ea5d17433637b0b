import Loopback
import Testing
import TokenClient
import TokenSimulator

@testable import Conformance

@Suite("The conformance suite")
struct SuiteTests {
  @Test("every check passes against a token within the process")
  func loopbackPasses() throws {
    let transport = loopback()
    let report = try Suite(transport, hands: transport.hands).run(slow: true)
    #expect(report.failures == [])
    #expect(report.skips == [])
    #expect(report.results.map(\.id) == Check.all.map(\.id) + [Suite.lastCheck.id])
  }
}
