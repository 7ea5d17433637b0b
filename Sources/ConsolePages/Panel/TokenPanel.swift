import Glibc
import HTTPServer
import OATH
import Synchronization
import TokenCore
import TokenSimulator

/// The simulated token beside the console's pages: what it shows, and what hands can do to it.
///
/// Nothing is kept here. Each answer asks the simulator anew: its control channel for cable, battery,
/// button and light, and its wire, as any host does, for names, codes and clock.
public final class TokenPanel: Sendable {
  /// The longest that time passes for the token alone at one go, in seconds.
  static let longestWarp: Int64 = 120

  /// The simulator's wire; its control channel is beside it.
  let socket: String
  /// Goes along with every form of the panel, so that no other site can press its buttons.
  private let formToken: String
  /// One request at a time talks to the token.
  private let turn = Mutex(())

  /// - Parameter socket: the path of a running simulator's wire.
  public init(socket: String) {
    self.socket = socket
    var random = SystemRandomNumberGenerator()
    formToken = (0..<4).map { _ in String(random.next() as UInt64, radix: 16) }.joined()
  }

  func answer(_ request: HTTPRequest, isOwn: Bool) -> HTTPResponse {
    switch (request.method, request.path) {
    case ("GET", "/token"), ("HEAD", "/token"):
      return Self.html(TokenPage(state: state(), token: formToken).html)
    case ("GET", "/token/state"):
      return HTTPResponse(
        type: "application/json", body: Array(state().json.text.utf8))
    case ("POST", _):
      guard isOwn, request.form["form-token"] == formToken else {
        let state = state("That form was not from here.")
        return Self.html(TokenPage(state: state, token: formToken).html, status: 403)
      }
      guard let requests = Self.requests(request) else { return HTTPResponse(seeOther: "/token") }
      do throws(ControlFailure) {
        let control = SimulatorControl(.server(socket: socket))
        for request in requests { try control.perform(request) }
      } catch {
        return Self.html(TokenPage(state: state(error.description), token: formToken).html)
      }
      return HTTPResponse(seeOther: "/token")
    default:
      return HTTPResponse(seeOther: "/token")
    }
  }

  private func state(_ trouble: String? = nil) -> TokenState {
    turn.withLock { _ in TokenState(asking: socket, trouble: trouble) }
  }

  /// What a button of the panel means on the control channel.
  private static func requests(_ request: HTTPRequest) -> [ControlRequest]? {
    switch request.path {
    case "/token/press": [.press]
    case "/token/unplug": [.unplug]
    case "/token/plug": [.plug]
    case "/token/button": Button.Mode(name: request.form["mode"]).map { [.button($0)] }
    // Everything that keeps its clock running is taken away for a moment.
    case "/token/power": [.battery(present: false), .unplug, .battery(present: true), .plug]
    case "/token/drift": drift(request.form).map { [$0] }
    default: nil
    }
  }

  /// Time that passes for the token alone, at a temperature.
  private static func drift(_ form: HTTPForm) -> ControlRequest? {
    guard let seconds = Int64(form["seconds"]), (0...longestWarp).contains(seconds),
      let celsius = Int(form["celsius"]), SimulatedClock.temperatures.contains(celsius)
    else { return nil }
    return .warp(Microseconds(seconds * 1_000_000), celsius: celsius)
  }

  private static func html(_ markup: HTML, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, type: "text/html; charset=utf-8", body: Array(markup.text.utf8))
  }
}
