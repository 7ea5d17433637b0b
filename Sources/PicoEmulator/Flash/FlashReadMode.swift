/// The ways of reading that both the SSI and the flash know (RP2040 data sheet, 4.10.13; Winbond
/// W25Q16JV, 8.2).
enum FlashReadMode: CaseIterable {
  case single
  case fast
  case dualOutput
  case quadOutput
  case dual
  case quad
  /// `quad` without its command, which the flash remembers.
  case quadContinuous

  /// The mode that CTRLR0 and SPI_CTRLR0 describe.
  init?(_ configuration: SerialInterface.Configuration) {
    let control = configuration.serialControl
    let shape = Shape(
      frames: configuration.frames,
      instructionBits: [0, 4, 8, 16][Int(control >> 8 & 3)],
      addressBits: control >> 2 & 0xF,
      waitCycles: control >> 11 & 0x1F,
      // TRANS_TYPE: what goes out on all data lines.
      instructionIsWide: control & 3 == 2,
      addressIsWide: control & 3 != 0)
    let command = UInt8(control >> 24)
    guard configuration.frameSize == 32,
      let mode = Self.allCases.first(where: {
        $0.shape == shape && ($0.isContinuous ? command & 0x30 == 0x20 : command == $0.command)
      })
    else { return nil }
    self = mode
  }

  private struct Shape: Equatable {
    var frames: SerialInterface.Configuration.Frames?
    var instructionBits: UInt32 = 8
    /// Of the address and the mode bits after it, in units of four.
    var addressBits: UInt32 = 6
    var waitCycles: UInt32 = 0
    var instructionIsWide = false
    var addressIsWide = false
  }

  private var shape: Shape {
    switch self {
    case .single: Shape(frames: .single)
    case .fast: Shape(frames: .single, waitCycles: 8)
    case .dualOutput: Shape(frames: .dual, waitCycles: 8)
    case .quadOutput: Shape(frames: .quad, waitCycles: 8)
    case .dual: Shape(frames: .dual, addressBits: 8, addressIsWide: true)
    case .quad: Shape(frames: .quad, addressBits: 8, waitCycles: 4, addressIsWide: true)
    case .quadContinuous:
      Shape(
        frames: .quad, instructionBits: 0, addressBits: 8, waitCycles: 4, instructionIsWide: true,
        addressIsWide: true)
    }
  }

  private var command: UInt8 {
    let command: FlashCommands.Command =
      switch self {
      case .single: .read
      case .fast: .fastRead
      case .dualOutput: .dualOutputRead
      case .quadOutput: .quadOutputRead
      case .dual: .dualRead
      case .quad, .quadContinuous: .quadRead
      }
    return command.rawValue
  }

  var isContinuous: Bool { self == .quadContinuous }

  var needsQuadEnable: Bool {
    switch self {
    case .quadOutput, .quad, .quadContinuous: true
    default: false
    }
  }

  /// The highest clock that the flash takes.
  var limit: Hertz { self == .single ? Hertz(50_000_000) : Hertz(133_000_000) }
}
