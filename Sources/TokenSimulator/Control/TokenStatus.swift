import JSON
import TokenCore

/// What a simulated token looks like from outside; every request on the control channel is answered
/// with it.
public struct TokenStatus: Equatable, Sendable {
  public var serialNumber: SerialNumber
  public var isPlugged: Bool
  public var hasBattery: Bool
  public var button: Button.Mode
  public var indication: Indication
  public var epoch: TickEpoch
  public var ticks: Ticks

  public init(_ board: SimulatedBoard, isPlugged: Bool) {
    serialNumber = board.serialNumber
    self.isPlugged = isPlugged
    hasBattery = board.clock.hasBattery
    button = board.button.mode
    indication = board.indicator.current
    epoch = board.clock.epoch
    ticks = board.clock.ticks
  }

  /// The serial number as text; the rest as the control channel's requests have it.
  public var json: JSON {
    [
      "serial": .string(serialNumber.text),
      "body": "simulated",
      "plugged": .bool(isPlugged),
      "battery": .bool(hasBattery),
      "button": .string(button.name),
      "indication": .string(indication.name),
      "epoch": .integer(Int(truncatingIfNeeded: epoch.rawValue)),
      "ticks": .integer(Int(truncatingIfNeeded: ticks.rawValue)),
    ]
  }

  /// `nil` if a key is missing or holds something else.
  public init?(_ json: JSON) {
    guard let serial = json["serial"]?.string.flatMap({ UInt64($0, radix: 16) }),
      let isPlugged = json["plugged"]?.bool,
      let hasBattery = json["battery"]?.bool,
      let button = json["button"]?.string.flatMap(Button.Mode.init(name:)),
      let indication = json["indication"]?.string.flatMap(Indication.init(name:)),
      let epoch = json["epoch"]?.integer,
      let ticks = json["ticks"]?.integer
    else { return nil }
    serialNumber = SerialNumber(rawValue: serial)
    self.isPlugged = isPlugged
    self.hasBattery = hasBattery
    self.button = button
    self.indication = indication
    self.epoch = TickEpoch(rawValue: UInt64(truncatingIfNeeded: epoch))
    self.ticks = Ticks(UInt64(truncatingIfNeeded: ticks))
  }
}
