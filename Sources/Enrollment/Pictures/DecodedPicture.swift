import CPNG
import CTurboJPEG

/// The pixels of a PNG or JPEG, and what the decoder had to say about them.
struct DecodedPicture: ~Copyable {
  /// The most pixels that are decoded: 64 megapixels, so 64 MiB of grey. A file of a few
  /// kilobytes can claim any size.
  static let pixelLimit = 64 << 20

  var pixels: GreyPicture

  /// The decoder's words for data that was wrong or missing, where it could go on all the same.
  let damage: String?

  /// The shade shown where the picture is transparent.
  enum Background: UInt8 {
    case black = 0
    case white = 255
  }

  /// Decodes a PNG of any colour type and depth with libpng, in front of `background`.
  ///
  /// Throws `tooManyPixels`, `undecodable`.
  static func decode(
    png bytes: UnsafeRawBufferPointer, name: String, background: Background
  ) throws(QRPicture.Failure) -> DecodedPicture {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
      throw .undecodable(file: name, format: "PNG", reason: image.words)
    }
    var pixels = try GreyPicture(
      claimedWidth: Int(image.width), height: Int(image.height), name: name)

    image.format = png_uint_32(PNG_FORMAT_GRAY)
    let shade = background.rawValue
    var color = png_color(red: shade, green: shade, blue: shade)
    // The row stride 0 stands for rows without padding.
    let decoded = pixels.withMutablePixels {
      png_image_finish_read(&image, &color, $0.baseAddress, 0, nil)
    }
    guard decoded != 0 else {
      throw .undecodable(file: name, format: "PNG", reason: image.words)
    }
    return DecodedPicture(pixels: pixels, damage: nil)
  }

  /// Whether a PNG has transparent parts, so that its background matters.
  static func isTransparent(png bytes: UnsafeRawBufferPointer) -> Bool {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    return png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0
      && image.format & png_uint_32(PNG_FORMAT_FLAG_ALPHA) != 0
  }

  /// Decodes a JPEG, baseline or progressive, with the TurboJPEG API, which reports errors by
  /// value; libjpeg's own would leave Swift frames by `longjmp`.
  ///
  /// Throws `tooManyPixels`, `undecodable` (also for a picture in printing colours).
  static func decode(
    jpeg bytes: UnsafeRawBufferPointer, name: String
  ) throws(QRPicture.Failure) -> DecodedPicture {
    guard let decoder = tjInitDecompress() else { throw .outOfMemory }
    defer { tjDestroy(decoder) }
    let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
    let length = UInt(bytes.count)

    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colorSpace: Int32 = 0
    guard
      tjDecompressHeader3(
        decoder, start, length, &width, &height, &subsampling, &colorSpace) == 0
    else { throw .undecodable(file: name, format: "JPEG", reason: words(of: decoder)) }
    if colorSpace == Int32(TJCS_CMYK.rawValue) || colorSpace == Int32(TJCS_YCCK.rawValue) {
      throw .undecodable(
        file: name, format: "JPEG", reason: "it is in the four colours of printing")
    }
    var pixels = try GreyPicture(claimedWidth: Int(width), height: Int(height), name: name)

    let result = pixels.withMutablePixels {
      tjDecompress2(
        decoder, start, length, $0.baseAddress, width, 0, height, Int32(TJPF_GRAY.rawValue),
        TJFLAG_LIMITSCANS)
    }
    let damage = result == 0 ? nil : words(of: decoder)
    guard damage == nil || tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue) else {
      throw .undecodable(file: name, format: "JPEG", reason: words(of: decoder))
    }
    return DecodedPicture(pixels: pixels, damage: damage)
  }

  private static func words(of decoder: tjhandle) -> String {
    String(cString: tjGetErrorStr2(decoder))
  }
}

extension GreyPicture {
  /// A white picture of the size that a file claims, if that is within bounds.
  fileprivate init(
    claimedWidth width: Int, height: Int, name: String
  ) throws(QRPicture.Failure) {
    let (area, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, area <= DecodedPicture.pixelLimit else {
      throw .tooManyPixels(file: name, width: width, height: height)
    }
    guard area > 0 else {
      throw .undecodable(file: name, format: "picture", reason: "it has no pixels")
    }
    self.init(width: width, height: height)
  }
}

extension png_image {
  /// libpng's words for the last error; ASCII, ended by a zero within the 64 bytes.
  var words: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
