import Glibc

/// A picture in 256 shades of grey, 0 black to 255 white, one byte a pixel, rows from the top
/// without padding.
///
/// The picture of a QR code is as secret as the code in it: the pixels are wiped when the value
/// goes away.
struct GreyPicture: ~Copyable {
  let width: Int
  let height: Int

  /// `count` bytes that belong to this value alone.
  private let pixels: UnsafeMutablePointer<UInt8>
  private var count: Int { width * height }

  /// A picture in one shade. `width` and `height` are at least 1.
  init(width: Int, height: Int, filledWith shade: UInt8 = 255) {
    precondition(width >= 1 && height >= 1, "a picture has at least one pixel")
    self.width = width
    self.height = height
    pixels = .allocate(capacity: width * height)
    pixels.initialize(repeating: shade, count: width * height)
  }

  deinit {
    explicit_bzero(pixels, count)
    pixels.deallocate()
  }

  /// The pixels, for a C library to read.
  borrowing func withPixels<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: pixels, count: count))
  }

  /// The pixels, for a C library to fill.
  mutating func withMutablePixels<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeMutableBufferPointer(start: pixels, count: count))
  }

  /// Swaps black and white: what a screenshot in dark mode needs before it can be read.
  mutating func invert() {
    for index in 0..<count { pixels[index] = ~pixels[index] }
  }

  /// `factor` times as wide and high, the new pixels interpolated between the nearest four: for
  /// codes of less than two pixels a module, whose edges fall between pixels. `factor` is 1 to 64.
  borrowing func enlarged(by factor: Int) -> GreyPicture {
    let enlarged = GreyPicture(width: width * factor, height: height * factor)
    // Distances are counted in halves of a new pixel, from the middle of the first old one.
    let unit = 2 * factor
    for y in 0..<enlarged.height {
      let down = max(2 * y + 1 - factor, 0)
      let upper = down / unit
      let lower = min(upper + 1, height - 1)
      for x in 0..<enlarged.width {
        let across = max(2 * x + 1 - factor, 0)
        let left = across / unit
        let right = min(left + 1, width - 1)
        func shade(inRow row: Int) -> Int {
          Int(pixels[row * width + left]) * (unit - across % unit)
            + Int(pixels[row * width + right]) * (across % unit)
        }
        let sum = shade(inRow: upper) * (unit - down % unit) + shade(inRow: lower) * (down % unit)
        enlarged.pixels[y * enlarged.width + x] = UInt8(sum / (unit * unit))
      }
    }
    return enlarged
  }

  /// The mean of every square of `factor` by `factor` pixels as one pixel, what is left over at
  /// the right and below dropped: for photographs so large that noise hides the edges.
  /// `factor` is at least 1 and at most
  /// the shorter side's length.
  borrowing func reduced(by factor: Int) -> GreyPicture {
    let reduced = GreyPicture(width: width / factor, height: height / factor)
    for y in 0..<reduced.height {
      for x in 0..<reduced.width {
        var sum = 0
        for row in 0..<factor {
          let source = (y * factor + row) * width + x * factor
          for column in 0..<factor { sum += Int(pixels[source + column]) }
        }
        reduced.pixels[y * reduced.width + x] = UInt8(sum / (factor * factor))
      }
    }
    return reduced
  }
}
