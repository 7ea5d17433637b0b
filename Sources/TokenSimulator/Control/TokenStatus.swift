import JSON
import TokenCore

/// What a token that is software looks like from outside; every request on the control channel is
/// answered with it.
public struct TokenStatus: Equatable, Sendable {
  public var serialNumber: SerialNumber
  /// Simulated, or firmware on an emulated chip.
  public var body: Body
  public var isPlugged: Bool
  public var hasBattery: Bool
  public var button: Button.Mode
  /// These three are `nil` for firmware, which keeps them to itself.
  public var indication: Indication?
  public var epoch: TickEpoch?
  public var ticks: Ticks?

  public init(_ board: SimulatedBoard, isPlugged: Bool) {
    serialNumber = board.serialNumber
    body = .simulated
    self.isPlugged = isPlugged
    hasBattery = board.clock.hasBattery
    button = board.button.mode
    indication = board.indicator.current
    epoch = board.clock.epoch
    ticks = board.clock.ticks
  }

  /// Of firmware on an emulated chip without a battery.
  public init(firmware serialNumber: SerialNumber, isPlugged: Bool, button: Button.Mode) {
    self.serialNumber = serialNumber
    body = .emulated
    self.isPlugged = isPlugged
    hasBattery = false
    self.button = button
  }

  /// The serial number as text; the rest as the control channel's requests have it.
  public var json: JSON {
    var json: JSON = [
      "serial": .string(serialNumber.text),
      "body": .string(Self.name(of: body)),
      "plugged": .bool(isPlugged),
      "battery": .bool(hasBattery),
      "button": .string(button.name),
    ]
    if let indication { json["indication"] = .string(indication.name) }
    if let epoch { json["epoch"] = .integer(Int(truncatingIfNeeded: epoch.rawValue)) }
    if let ticks { json["ticks"] = .integer(Int(truncatingIfNeeded: ticks.rawValue)) }
    return json
  }

  private static func name(of body: Body) -> String {
    body == .emulated ? "emulated" : "simulated"
  }

  /// `nil` if a key is missing or holds something else.
  public init?(_ json: JSON) {
    guard let serial = json["serial"]?.string.flatMap({ UInt64($0, radix: 16) }),
      let body = json["body"]?.string,
      let isPlugged = json["plugged"]?.bool,
      let hasBattery = json["battery"]?.bool,
      let button = json["button"]?.string.flatMap(Button.Mode.init(name:))
    else { return nil }
    serialNumber = SerialNumber(rawValue: serial)
    self.isPlugged = isPlugged
    self.hasBattery = hasBattery
    self.button = button
    switch body {
    case Self.name(of: .emulated): self.body = .emulated
    case Self.name(of: .simulated):
      guard let indication = json["indication"]?.string.flatMap(Indication.init(name:)),
        let epoch = json["epoch"]?.integer, let ticks = json["ticks"]?.integer
      else { return nil }
      self.body = .simulated
      self.indication = indication
      self.epoch = TickEpoch(rawValue: UInt64(truncatingIfNeeded: epoch))
      self.ticks = Ticks(UInt64(truncatingIfNeeded: ticks))
    default: return nil
    }
  }
}
