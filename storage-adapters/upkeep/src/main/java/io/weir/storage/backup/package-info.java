/**
 * Owns copies of a catalog and its files in another place, and putting them back. Start at {@link
 * io.weir.storage.backup.Backup} and {@link io.weir.storage.backup.Restore}.
 */
@NullMarked
package io.weir.storage.backup;

import org.jspecify.annotations.NullMarked;
