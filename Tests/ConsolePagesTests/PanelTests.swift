import Foundation
import HTTPServer
import JSON
import Testing
import TokenCore
import TokenSimulator

@testable import ConsolePages

@Suite("The simulated token beside the pages")
struct PanelTests {
  /// A simulator at a socket of its own, until it is let go.
  final class Simulator: @unchecked Sendable {
    let folder = FileManager.default.temporaryDirectory.appending(path: "panel-\(UUID())")
    var socket: String { folder.appending(path: "t").path }
    private let stopSwitch: StopSwitch
    private var server: SimulatorServer?

    init() throws {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let made = try SimulatorServer(
        at: folder.appending(path: "t").path, token: LiveToken(board: .new()))
      stopSwitch = made.stopSwitch
      server = consume made
      Thread { [self] in
        guard let live = server.take() else { return }
        try? live.run()
      }.start()
    }

    func stop() {
      stopSwitch.stop()
      try? FileManager.default.removeItem(at: folder)
    }
  }

  private static func state(_ panel: TokenPanel) throws -> JSON {
    let response = panel.answer(HTTPRequest(method: "GET", path: "/token/state"), isOwn: true)
    return try JSON.parse(String(decoding: response.body, as: UTF8.self))
  }

  private static func post(_ panel: TokenPanel, _ path: String, _ fields: [String: String] = [:])
    -> HTTPResponse
  {
    let shown = panel.answer(HTTPRequest(method: "GET", path: "/token"), isOwn: true)
    let page = String(decoding: shown.body, as: UTF8.self)
    let token = page.firstMatch(of: /name="form-token" value="([^"]*)"/).map { String($0.1) }
    var request = HTTPRequest(method: "POST", path: path)
    request.body = .form(
      HTTPForm(fields: fields.merging(["form-token": token ?? ""]) { own, _ in own }))
    return panel.answer(request, isOwn: true)
  }

  @Test("it shows the simulator's own state, and its buttons act on it")
  func buttons() throws {
    let simulator = try Simulator()
    defer { simulator.stop() }
    let panel = TokenPanel(socket: simulator.socket)
    let control = SimulatorControl(.server(socket: simulator.socket))
    #expect(try Self.state(panel)["isPlugged"] == true)
    #expect(Self.post(panel, "/token/unplug").status == 303)
    #expect(try control.perform(.status).isPlugged == false)
    #expect(try Self.state(panel)["isPlugged"] == false)
    try control.perform(.plug)
    #expect(try Self.state(panel)["isPlugged"] == true)
    _ = Self.post(panel, "/token/button", ["mode": "manual"])
    #expect(try control.perform(.status).button == .manual)
    let epoch = try control.perform(.status).epoch
    _ = Self.post(panel, "/token/power")
    let after = try control.perform(.status)
    #expect(after.epoch != epoch && after.isPlugged && after.hasBattery)
  }

  @Test("a form without the panel's token presses nothing")
  func foreign() throws {
    let simulator = try Simulator()
    defer { simulator.stop() }
    let panel = TokenPanel(socket: simulator.socket)
    #expect(Self.post(panel, "/token/unplug", ["form-token": "0"]).status == 403)
    #expect(try Self.state(panel)["isPlugged"] == true)
  }

  @Test("a simulator that is gone is said so")
  func gone() throws {
    let panel = TokenPanel(socket: "/nowhere/token")
    #expect(try Self.state(panel)["texts"]?["token-trouble"]?.string?.isEmpty == false)
  }
}
