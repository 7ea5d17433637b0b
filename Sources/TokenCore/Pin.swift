/// Keeps the value that holds it in one place.
///
/// The compiler passes a large value of Swift by copying it, and a copy of a key is one that nobody
/// wipes. What holds a pin has to be passed by its address: it is borrowed, or changed where it lies, or
/// moved for good. It takes no memory.
@_rawLayout(size: 0, alignment: 1)
struct Pin: ~Copyable, @unchecked Sendable {
}
