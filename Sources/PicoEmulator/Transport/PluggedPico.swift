import Glibc
import TokenClient

/// An emulated Pico with its firmware, on its cable and enumerated, until it is pulled out.
///
/// Everything beside the firmware's image stays in a file of flash.
final class PluggedPico {
  let pico: Pico
  let device: EnumeratedDevice
  private let file: FlashFile?
  /// When it was enumerated.
  let beginning: Nanoseconds
  private let place: String

  /// Puts the image into the flash, plugs the Pico in, and enumerates it as a host does.
  ///
  /// - Parameters:
  ///   - image: a file of ELF, UF2 or plain bytes.
  ///   - kept: what `Storage.memory` has kept from the time before, if there was one.
  ///   - seed: of the random bits.
  ///   - place: what a person wrote to choose this token.
  init(
    image: String, _ storage: PicoTransport.Storage, kept: [UInt8]?, seed: UInt64, place: String
  ) throws(TransportFailure) {
    self.place = place
    let firmware = try Self.read(image, place)
    guard Pico.isAvailable else {
      throw .unusable(
        place: place, reason: "libunicorn is not installed; on Debian it is libunicorn2")
    }
    pico = Pico(Pico.Identity(seed: seed))
    file = try Self.open(storage, kept, for: pico, place)
    pico.install(firmware)
    pico.powerOn()
    do throws(EnumerationFailure) {
      device = try pico.usb.enumerate(within: .seconds(5))
    } catch {
      throw Self.unusable(pico, place, "its firmware was not enumerated: \(error)")
    }
    beginning = pico.now
    try check()
  }

  /// Pulls it out.
  ///
  /// - Returns: what its flash holds.
  func pullOut() -> [UInt8] {
    pico.powerOff()
    // Somebody may still look at the Pico; the file is for the next one.
    pico.releaseFlashFile()
    return pico.flashBytes(0..<Pico.flashSize)
  }

  // MARK: Failures

  /// Fails when the firmware has broken a rule of the data sheet, or the flash's file is broken.
  func check() throws(TransportFailure) {
    if !pico.violations.isEmpty { throw unusable("") }
    if let file, let failure = file.failure {
      throw TransportFailure(failure, place: place, path: file.path)
    }
  }

  func failure(_ failure: TransferFailure) -> TransportFailure {
    guard pico.state == .running else { return .vanished(place: place) }
    return unusable("a transfer over USB failed: \(failure)")
  }

  /// What broke first is more of a reason than what came of it.
  func unusable(_ reason: String) -> TransportFailure {
    Self.unusable(pico, place, reason)
  }

  private static func unusable(_ pico: Pico, _ place: String, _ reason: String) -> TransportFailure
  {
    .unusable(
      place: place,
      reason: pico.violations.first.map { "its firmware broke a rule: \($0)" } ?? reason)
  }

  // MARK: Files

  private static func read(
    _ image: String, _ place: String
  ) throws(TransportFailure) -> FirmwareImage {
    do throws(FirmwareImage.Failure) {
      return try FirmwareImage(file: image)
    } catch {
      switch error {
      case .unreadable(ENOENT), .unreadable(ENOTDIR): throw .notFound(place: place)
      case .unreadable(EACCES): throw .permissionDenied(place: place)
      default: throw .unusable(place: place, reason: error.description)
      }
    }
  }

  private static func open(
    _ storage: PicoTransport.Storage, _ kept: [UInt8]?, for pico: Pico, _ place: String
  ) throws(TransportFailure) -> FlashFile? {
    guard case .file(let path) = storage else {
      if let kept { pico.setFlashBytes(kept, at: 0) }
      return nil
    }
    do throws(FlashFile.Failure) {
      let file = try FlashFile(opening: path)
      try pico.keepFlash(in: file)
      return file
    } catch {
      throw TransportFailure(error, place: place, path: path)
    }
  }
}

extension TransportFailure {
  fileprivate init(_ failure: FlashFile.Failure, place: String, path: String) {
    self =
      switch failure {
      case .inUse: .inUse(place: place)
      case .permissionDenied: .permissionDenied(place: path)
      case .unusable(let reason): .unusable(place: path, reason: reason)
      case .system(let operation, let error):
        .system(place: path, operation: operation, error: error)
      }
  }
}
