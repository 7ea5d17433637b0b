import Hardware

/// The USB controller's registers, as far as a device needs them (RP2040 data sheet, 4.1.4).
enum ControllerRegisters {
  static var address: Register { Register(0x5011_0000) }
  static var mainControl: Register { Register(0x5011_0040) }
  static var sieControl: Register { Register(0x5011_004C) }
  static var sieStatus: Register { Register(0x5011_0050) }
  /// A bit for every buffer that the controller is done with, by `Endpoint.bit`.
  static var bufferStatus: Register { Register(0x5011_0058) }
  /// A bit for every endpoint whose buffer control word the controller is to leave alone.
  static var abort: Register { Register(0x5011_0060) }
  static var abortDone: Register { Register(0x5011_0064) }
  /// To be set beside the stall bits of the control endpoint's buffers.
  static var stallArm: Register { Register(0x5011_0068) }
  static var multiplexing: Register { Register(0x5011_0074) }
  static var power: Register { Register(0x5011_0078) }
  static var interruptEnable: Register { Register(0x5011_0090) }
  /// What is raised, of what is enabled.
  static var interruptStatus: Register { Register(0x5011_0098) }

  enum MainControl {
    static let enable: UInt32 = 1 << 0
  }

  /// SIE is the serial interface engine.
  enum SIEControl {
    static let pullUp: UInt32 = 1 << 16
    /// The control endpoint's buffers show in `bufferStatus`.
    static let controlEndpointStatus: UInt32 = 1 << 29
  }

  enum SIEStatus {
    static let suspended: UInt32 = 1 << 4
    static let resumed: UInt32 = 1 << 11
    static let setupReceived: UInt32 = 1 << 17
    static let busReset: UInt32 = 1 << 19
  }

  enum Multiplexing {
    static let toTransceiver: UInt32 = 1 << 0
    static let softwareConnect: UInt32 = 1 << 3
  }

  /// The Pico has no pin that senses VBUS: as it lives on it, it is taken for granted.
  enum Power {
    static let vbusDetected: UInt32 = 1 << 2
    static let vbusOverride: UInt32 = 1 << 3
  }

  enum Interrupt {
    static let bufferStatus: UInt32 = 1 << 4
    static let busReset: UInt32 = 1 << 12
    /// The bus fell silent, or is so no more; `SIEStatus.suspended` tells which.
    static let suspension: UInt32 = 1 << 14
    static let resumed: UInt32 = 1 << 15
    static let setup: UInt32 = 1 << 16
    static let all = bufferStatus | busReset | suspension | resumed | setup
  }

  /// USBCTRL_IRQ.
  static let interrupt: UInt32 = 1 << 5
}
