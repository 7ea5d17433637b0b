import JSON
import Testing
import TokenCore
import TokenSimulator

@Suite("Control requests")
struct ControlRequestTests {
  @Test(
    "a request survives its line of JSON",
    arguments: [
      .press, .plug, .unplug, .suspend, .status, .stop, .button(.automatic), .button(.manual),
      .button(.never), .battery(present: true), .battery(present: false),
      .warp(Microseconds(0)), .warp(Microseconds(1)), .warp(Microseconds(30_000_000)),
      .warp(Microseconds(1_234_567_890)), .warp(ControlRequest.longestWarp),
      .warp(Microseconds(30_000_000), celsius: 35), .warp(Microseconds(1), celsius: -40),
      .snapshot(file: "/a b/ö\".image"), .restore(file: "/x"),
    ] as [ControlRequest])
  func roundTrip(request: ControlRequest) throws {
    #expect(!request.json.text.contains("\n"))
    #expect(try ControlRequest(parsing: request.json.text) == request)
  }

  @Test(
    "what is not a request in full is refused with a sentence",
    arguments: [
      "", "{", "[]", "{}", "1", #""press""#, #"{"do":1}"#, #"{"do":"dance"}"#,
      #"{"do":"press","hard":true}"#, #"{"do":"warp"}"#, #"{"do":"warp","seconds":"1"}"#,
      #"{"do":"warp","seconds":-1}"#, #"{"do":"warp","seconds":1e300}"#,
      #"{"do":"warp","seconds":1,"celsius":86}"#, #"{"do":"warp","seconds":1,"celsius":20.5}"#,
      #"{"do":"warp","celsius":20}"#, #"{"do":"press","celsius":20}"#,
      #"{"do":"warp","seconds":3155760001}"#, #"{"do":"warp","seconds":1,"seconds":2}"#,
      #"{"do":"button"}"#, #"{"do":"button","mode":"broken"}"#, #"{"do":"button","mode":true}"#,
      #"{"do":"battery"}"#, #"{"do":"battery","present":1}"#, #"{"do":"snapshot"}"#,
      #"{"do":"snapshot","file":"relative"}"#, #"{"do":"restore","file":""}"#,
      #"{"do":"restore","mode":"never"}"#, #"{"do":"press"} {"do":"press"}"#,
    ])
  func refusals(line: String) throws {
    let failure = #expect(throws: ControlFailure.self) { try ControlRequest(parsing: line) }
    guard case .malformedRequest = failure else {
      Issue.record("\(String(describing: failure)) for \(line)")
      return
    }
  }

  @Test("without a temperature time passes at 25 °C")
  func usualTemperature() throws {
    let request = try ControlRequest(parsing: #"{"do":"warp","seconds":1}"#)
    #expect(request == .warp(Microseconds(1_000_000), celsius: 25))
  }

  @Test("a status survives its JSON, and nothing less than a whole one is taken")
  func status() throws {
    var board = SimulatedBoard.new()
    board.indicate(.wantsTouch)
    board.button.mode = .manual
    board.clock.advance(by: TrueTicks(12))
    let status = TokenStatus(board, isPlugged: true)
    #expect(TokenStatus(status.json) == status)
    for key in try #require(status.json.object).keys {
      var less = status.json
      less[key] = nil
      #expect(TokenStatus(less) == nil, "without \(key)")
      less[key] = []
      #expect(TokenStatus(less) == nil, "with an array for \(key)")
    }
    let firmware = TokenStatus(
      firmware: SerialNumber(rawValue: 7), isPlugged: false, button: .automatic)
    #expect(TokenStatus(firmware.json) == firmware)
  }
}
