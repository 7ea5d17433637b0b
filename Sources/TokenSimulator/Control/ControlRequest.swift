import JSON
import TokenCore

/// What one can do to a simulated token besides talking to it: everything that hands, time and a
/// screwdriver do to a real one.
///
/// On the control channel each is one line of JSON, `{"do":"warp","seconds":30}`.
public enum ControlRequest: Equatable, Sendable {
  /// Press the button for a moment.
  case press
  case plug
  case unplug
  /// Let the bus sleep for a moment, as a host does that goes to sleep. The token keeps its power, and
  /// forgets what was proved to it.
  case suspend
  /// Let that much time pass for the token's clock, and for nothing else: `0 ... longestWarp`, at a
  /// temperature in °C, `SimulatedClock.temperatures`.
  case warp(Microseconds, celsius: Int = 25)
  case button(Button.Mode)
  case battery(present: Bool)
  /// Write the token as it is to a new file.
  case snapshot(file: String)
  /// Put everything back as a snapshot has it.
  case restore(file: String)
  case status
  /// End the simulation.
  case stop

  /// 100 years.
  public static let longestWarp = Microseconds(100 * 31_557_600 * 1_000_000)

  public var json: JSON {
    switch self {
    case .press: ["do": "press"]
    case .plug: ["do": "plug"]
    case .unplug: ["do": "unplug"]
    case .suspend: ["do": "suspend"]
    case .warp(let length, let celsius):
      [
        "do": "warp",
        "seconds": length.rawValue % 1_000_000 == 0
          ? .integer(Int(length.rawValue / 1_000_000))
          : .number(Double(length.rawValue) / 1_000_000),
        "celsius": .integer(celsius),
      ]
    case .button(let mode): ["do": "button", "mode": .string(mode.name)]
    case .battery(let present): ["do": "battery", "present": .bool(present)]
    case .snapshot(let file): ["do": "snapshot", "file": .string(file)]
    case .restore(let file): ["do": "restore", "file": .string(file)]
    case .status: ["do": "status"]
    case .stop: ["do": "stop"]
    }
  }

  /// Parses a line of the control channel.
  public init(parsing line: String) throws(ControlFailure) {
    let json: JSON
    do throws(JSON.Failure) {
      json = try JSON.parse(line)
    } catch {
      throw .malformedRequest(error.description)
    }
    try self.init(json)
  }

  /// Takes nothing that it does not understand in full: no unknown or missing key, no other type.
  public init(_ json: JSON) throws(ControlFailure) {
    guard let members = json.object, let name = members["do"]?.string else {
      throw .malformedRequest("a request is an object with a text under \"do\"")
    }
    let argument: String? =
      switch name {
      case "warp": "seconds"
      case "button": "mode"
      case "battery": "present"
      case "snapshot", "restore": "file"
      default: nil
      }
    let isWarp = name == "warp"
    if let key = members.keys.first(where: {
      $0 != "do" && $0 != argument && !(isWarp && $0 == "celsius")
    }) {
      throw .malformedRequest("\"\(name)\" takes no \"\(key)\"")
    }
    let request = try Self.request(name, argument.flatMap { members[$0] })
    if case .warp(let length, _) = request, let value = members["celsius"] {
      guard let celsius = value.integer, SimulatedClock.temperatures.contains(celsius) else {
        let range = SimulatedClock.temperatures
        throw .malformedRequest(
          "\"celsius\" is a whole number, \(range.lowerBound) to \(range.upperBound)")
      }
      self = .warp(length, celsius: celsius)
    } else {
      self = request
    }
  }

  private static func request(
    _ name: String, _ argument: JSON?
  ) throws(ControlFailure) -> ControlRequest {
    switch name {
    case "press": return .press
    case "plug": return .plug
    case "unplug": return .unplug
    case "suspend": return .suspend
    case "status": return .status
    case "stop": return .stop
    case "warp":
      let limit = Double(longestWarp.rawValue) / 1_000_000
      guard let seconds = argument?.number, (0...limit).contains(seconds) else {
        throw .malformedRequest("\"warp\" takes \"seconds\", 0 to \(Int(limit))")
      }
      return .warp(Microseconds(Int64((seconds * 1_000_000).rounded())))
    case "button":
      guard let mode = argument?.string.flatMap(Button.Mode.init(name:)) else {
        let names = Button.Mode.allCases.map(\.name).joined(separator: ", ")
        throw .malformedRequest("\"button\" takes \"mode\", one of \(names)")
      }
      return .button(mode)
    case "battery":
      guard let present = argument?.bool else {
        throw .malformedRequest("\"battery\" takes \"present\", true or false")
      }
      return .battery(present: present)
    case "snapshot", "restore":
      guard let file = argument?.string, file.first == "/" else {
        throw .malformedRequest("\"\(name)\" takes \"file\", a path from the root on")
      }
      return name == "snapshot" ? .snapshot(file: file) : .restore(file: file)
    default:
      throw .malformedRequest("there is no request \"\(name)\"")
    }
  }
}
