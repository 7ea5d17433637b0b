import CPNG
import CQREncode
import Glibc

/// A text as the square of dark and light modules that libqrencode makes of it (ISO/IEC 18004).
struct QRSymbol: ~Copyable {
  /// The most bytes that fit: version 40 with the weakest error correction.
  static let capacity = 2953

  /// Light modules that belong around a symbol, on each side.
  static let quietZone = 4

  /// Modules a side, 21 to 177, without the quiet zone.
  let width: Int
  private let code: UnsafeMutablePointer<QRcode>

  /// Encodes the text's UTF-8 in byte mode, in the smallest version that takes it: with error
  /// correction M (15 %) where that fits, else L (7 %).
  ///
  /// Throws `tooLong`, `outOfMemory`.
  init(encoding text: String) throws(QRPicture.Failure) {
    var bytes = Array(text.utf8)
    defer { explicit_bzero(&bytes, bytes.count) }
    guard bytes.count <= Self.capacity else { throw .tooLong(bytes: bytes.count) }
    let anyVersion: Int32 = 0
    for level in [QR_ECLEVEL_M, QR_ECLEVEL_L] {
      if let code = QRcode_encodeData(Int32(bytes.count), bytes, anyVersion, level) {
        self.code = code
        width = Int(code.pointee.width)
        return
      }
      // ERANGE: does not fit at this level.
      guard errno == ERANGE else { throw .outOfMemory }
    }
    throw .tooLong(bytes: bytes.count)
  }

  deinit {
    explicit_bzero(code.pointee.data, width * width)
    QRcode_free(code)
  }

  /// Whether the module in this column and row is dark; those outside are the quiet zone, light.
  borrowing func isDark(column: Int, row: Int) -> Bool {
    guard (0..<width).contains(column), (0..<width).contains(row) else { return false }
    // Bit 0 of a module's byte is its colour, the others say what it is for.
    return code.pointee.data[row * width + column] & 1 == 1
  }

  /// The columns, and the rows, with the quiet zone.
  private var extent: Range<Int> { -Self.quietZone..<width + Self.quietZone }

  /// The symbol with its quiet zone in `scale` by `scale` pixels a module.
  borrowing func picture(scale: Int) -> GreyPicture {
    let side = extent.count * scale
    var picture = GreyPicture(width: side, height: side)
    picture.withMutablePixels { pixels in
      for y in 0..<side {
        for x in 0..<side {
          let column = x / scale - Self.quietZone
          let row = y / scale - Self.quietZone
          if isDark(column: column, row: row) { pixels[y * side + x] = 0 }
        }
      }
    }
    return picture
  }

  /// The same as the bytes of a PNG, 8-bit grey. Throws `outOfMemory`.
  borrowing func png(scale: Int) throws(QRPicture.Failure) -> [UInt8] {
    let picture = picture(scale: scale)
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(picture.width)
    image.height = png_uint_32(picture.height)
    image.format = png_uint_32(PNG_FORMAT_GRAY)
    defer { png_image_free(&image) }

    // Without memory to write to, libpng only says how much it needs.
    return try picture.withPixels { (pixels) throws(QRPicture.Failure) in
      var size = 0
      guard png_image_write_to_memory(&image, nil, &size, 0, pixels.baseAddress, 0, nil) != 0
      else { throw .outOfMemory }
      var bytes = [UInt8](repeating: 0, count: size)
      guard png_image_write_to_memory(&image, &bytes, &size, 0, pixels.baseAddress, 0, nil) != 0
      else { throw .outOfMemory }
      return Array(bytes.prefix(size))
    }
  }

  /// The symbol in half blocks, two rows of modules a line, in colours 16 and 231 of the
  /// terminal's 256, black and white, which themes leave alone.
  var terminalText: String {
    var text = ""
    for row in stride(from: extent.lowerBound, to: extent.upperBound, by: 2) {
      text += "\u{1B}[38;5;16;48;5;231m"
      for column in extent {
        switch (isDark(column: column, row: row), isDark(column: column, row: row + 1)) {
        case (false, false): text += " "
        case (true, false): text += "▀"
        case (false, true): text += "▄"
        case (true, true): text += "█"
        }
      }
      text += "\u{1B}[0m\n"
    }
    return text
  }
}
