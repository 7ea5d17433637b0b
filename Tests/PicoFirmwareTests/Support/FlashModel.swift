@testable import PicoBoard

/// The Pico's flash chip: 2 MiB of NOR flash, and BOOTSEL on its select line.
final class FlashModel: FlashChip {
  enum Operation: Equatable {
    case erase(Int)
    case program(Int)
  }

  private(set) var bytes = [UInt8](repeating: 0xFF, count: StorageArea.flashSize)
  private(set) var operations: [Operation] = []
  var isButtonPressed = false
  /// How often the button was looked at.
  private(set) var looks = 0
  var id: UInt64 = 0xE660_5838_832F_1C2A
  var onOperation: () -> Void = {}

  func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) {
    for index in bytes.indices { bytes[index] = self.bytes[offset + index] }
  }

  func eraseSector(at offset: Int) {
    precondition(offset % 4_096 == 0)
    onOperation()
    operations.append(.erase(offset))
    for index in offset..<offset + 4_096 { bytes[index] = 0xFF }
  }

  func programPage(at offset: Int, _ page: borrowing InlineArray<256, UInt8>) {
    precondition(offset % 256 == 0)
    onOperation()
    operations.append(.program(offset))
    for index in page.indices { bytes[offset + index] &= page[index] }
  }

  func uniqueID() -> UInt64 { id }

  func isSelectHeldLow() -> Bool {
    looks += 1
    return isButtonPressed
  }
}
