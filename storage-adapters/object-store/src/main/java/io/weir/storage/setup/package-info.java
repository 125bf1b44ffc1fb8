/** Owns which store a process uses, from its configuration. Start at {@link io.weir.storage.setup.Stores}. */
@NullMarked
package io.weir.storage.setup;

import org.jspecify.annotations.NullMarked;
