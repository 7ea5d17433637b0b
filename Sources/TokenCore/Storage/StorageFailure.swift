/// Why the store could not do what it was asked.
public enum StorageFailure: UInt8, Error, Sendable {
  /// The flash holds something that is neither erased nor a store of this geometry. Nothing of it
  /// was changed; erase the area to use it.
  case foreign = 1

  /// No room, even after compaction. Nothing was changed; remove a record first.
  case full = 2

  /// The flash did not take what it was told to (worn out), or contradicts itself (damaged). The
  /// value that was there is still there; one that cannot be read whole is not handed out.
  case failed = 3
}
