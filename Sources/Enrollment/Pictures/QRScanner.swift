import CZBar
import Glibc

/// Finds QR codes in a picture with zbar, and nothing but QR codes.
struct QRScanner: ~Copyable {
  /// A code that was found: its contents and its bounding box in pixels.
  struct Finding {
    var bytes: [UInt8]
    /// False where the picture holds only some of the codes that one message is spread over.
    var isComplete: Bool
    var left: Int
    var top: Int
    var right: Int
    var bottom: Int
  }

  private let scanner: OpaquePointer

  /// Throws `outOfMemory`.
  init() throws(QRPicture.Failure) {
    guard let scanner = zbar_image_scanner_create() else { throw .outOfMemory }
    self.scanner = scanner
    // Builds of zbar with D-Bus can announce whatever they read to the whole system.
    zbar_image_scanner_request_dbus(scanner, 0)
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0)
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1)
    // The bytes as they are: zbar's guess at their encoding takes UTF-8 for Big5.
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1)
  }

  deinit { zbar_image_scanner_destroy(scanner) }

  /// The codes in the picture, dark on light, at any angle, in no particular order.
  ///
  /// Throws `outOfMemory`.
  borrowing func findings(
    in picture: borrowing GreyPicture
  ) throws(QRPicture.Failure) -> [Finding] {
    guard let image = zbar_image_create() else { throw .outOfMemory }
    defer { zbar_image_destroy(image) }
    zbar_image_set_format(image, Self.greyFormat)
    zbar_image_set_size(image, UInt32(picture.width), UInt32(picture.height))
    let scanner = self.scanner
    return picture.withPixels { pixels in
      zbar_image_set_data(image, pixels.baseAddress, UInt(pixels.count), nil)
      var findings: [Finding] = []
      if zbar_scan_image(scanner, image) > 0 {
        var next = zbar_image_first_symbol(image)
        while let symbol = next {
          if let finding = Finding(symbol) { findings.append(finding) }
          next = zbar_symbol_next(symbol)
        }
      }
      zbar_image_scanner_recycle_image(scanner, image)
      return findings
    }
  }

  /// 'Y800' as a little-endian four-character code: 8 bits of brightness a pixel.
  private static let greyFormat: UInt = 0x3030_3859
}

extension QRScanner.Finding {
  /// Takes the symbol's contents and wipes zbar's copy of them.
  fileprivate init?(_ symbol: OpaquePointer) {
    let type = zbar_symbol_get_type(symbol)
    guard type == ZBAR_QRCODE || type == ZBAR_PARTIAL else { return nil }
    isComplete = type == ZBAR_QRCODE

    let length = Int(zbar_symbol_get_data_length(symbol))
    guard let data = zbar_symbol_get_data(symbol) else { return nil }
    bytes = UnsafeRawBufferPointer(start: data, count: length).map { $0 }
    explicit_bzero(UnsafeMutablePointer(mutating: data), length)

    let corners = 0..<zbar_symbol_get_loc_size(symbol)
    let columns = corners.map { Int(zbar_symbol_get_loc_x(symbol, $0)) }
    let rows = corners.map { Int(zbar_symbol_get_loc_y(symbol, $0)) }
    left = columns.min() ?? 0
    right = columns.max() ?? 0
    top = rows.min() ?? 0
    bottom = rows.max() ?? 0
  }
}

extension [QRScanner.Finding] {
  /// As one reads a page: rows from the top, each from the left. A code belongs to a row when
  /// its middle lies beside the row's first code.
  var inReadingOrder: [QRScanner.Finding] {
    var rest = sorted { ($0.top, $0.left) < ($1.top, $1.left) }
    var ordered: [QRScanner.Finding] = []
    while let first = rest.first {
      let split = rest.partition { ($0.top + $0.bottom) / 2 > first.bottom }
      ordered += rest[..<split].sorted { $0.left < $1.left }
      rest = rest[split...].sorted { ($0.top, $0.left) < ($1.top, $1.left) }
    }
    return ordered
  }
}
